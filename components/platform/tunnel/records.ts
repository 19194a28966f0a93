/** A record of the zone at Cloudflare. */
export interface ZoneRecord<Content> {
  readonly name: string;
  readonly type: "A" | "CNAME";
  readonly content: Content;
  /** Whether Cloudflare answers in its place. */
  readonly proxied: boolean;
}

/** What a public name leads to, which only Cloudflare itself resolves. */
export function renderTarget(tunnel: string): string {
  return `${tunnel}.cfargotunnel.com`;
}

export function publicRecord<Content>(name: string, content: Content): ZoneRecord<Content> {
  return { name, type: "CNAME", content, proxied: true };
}

/** All names below a domain lead to an address that only home and the tailnet reach. */
export function internalRecord(domain: string, content: string): ZoneRecord<string> {
  return { name: `*.${domain}`, type: "A", content, proxied: false };
}
