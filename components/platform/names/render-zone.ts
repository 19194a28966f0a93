import { createHash } from "node:crypto";
import type { NameRecord } from "./records";

export const PORTS = { dns: 5353, health: 8080, ready: 8181, metrics: 9153 } as const;

/** How long answers are kept, in seconds: a new address is known after a minute. */
const TTL = 60;

/** Answers for its zone alone. Whatever else it is asked is refused: it knows no other server. */
export function renderCorefile(domain: string): string {
  return `${domain}:${PORTS.dns} {
    errors
    health :${PORTS.health}
    ready :${PORTS.ready}
    prometheus :${PORTS.metrics}
    file /etc/coredns/zone
}
`;
}

/** The zone as a master file (RFC 1035). */
export function renderZone(domain: string, records: readonly NameRecord[]): string {
  const hosts = records.map(({ name, address }) => `${name} IN A ${address}\n`).join("");
  // No other server copies the zone, so that a serial has only to differ.
  const serial = parseInt(digestOf(hosts).slice(0, 8), 16);
  return `$ORIGIN ${domain}.
$TTL ${TTL}
@ IN SOA ns hostmaster ${serial} 3600 600 86400 ${TTL}
@ IN NS ns
${hosts}`;
}

export function digestOf(...texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\0")).digest("hex");
}

/** What a router is told, so that it asks here for this domain only. Other routers: docs/platform.md. */
export function renderRouterLine(domain: string, address: string): string {
  return `server=/${domain}/${address} rebind-domain-ok=/${domain}/`;
}
