import { randomBytes, randomUUID } from "node:crypto";
import http from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";

/** How Cloudflare's API behaves: which token it takes, and what the token's account has. */
export interface Account {
  token: string;
  zone: string;
  zoneId?: string;
  accountId?: string;
}

const record = z.looseObject({ type: z.string(), name: z.string(), content: z.string() });
export type CloudflareRecord = z.output<typeof record>;

const tunnel = z.looseObject({
  name: z.string(),
  config_src: z.string(),
  tunnel_secret: z.string().optional(),
});
export type CloudflareTunnel = z.output<typeof tunnel>;

/** What the API answers: a result, or its own number and words of an error. */
interface Answer {
  readonly status: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

interface Question {
  readonly method: string;
  /** Below `/client/v4/`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: string;
}

const found = (result: unknown): Answer => ({ status: 200, result });
const refuse = (status: number, code: number, message: string): Answer => ({
  ...{ status, error: { code, message } },
});
const NOT_THERE = refuse(
  404,
  7003,
  "Could not route to the object, perhaps its identifier is invalid?",
);
const NOT_YOURS = refuse(403, 10_000, "Authentication error");

/** Types of records of which a name has one alone. */
const EXCLUSIVE = ["A", "AAAA", "CNAME"];

/**
 * Cloudflare's API, as far as cert-manager and Pulumi's provider ask it: the zone, its DNS records, and tunnels. An error
 * has the number that Cloudflare gives to it.
 */
export class Cloudflare {
  readonly records = new Map<string, CloudflareRecord>();
  readonly tunnels = new Map<string, CloudflareTunnel>();
  /** What was asked to be changed, as "POST /zones/…". */
  readonly changes: string[] = [];
  /** Whether somebody has a tunnel open, which keeps it from being deleted. */
  isOpen: () => Promise<boolean> = () => Promise.resolve(false);

  constructor(
    /** Changed by the test as it likes. */
    readonly account: Account,
    /** Told of each name whose records have changed. */
    private readonly onChange: (name: string) => Promise<void> = () => Promise.resolve(),
  ) {}

  async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body = await text(request);
    const { method = "GET", url = "", headers } = request;
    const { pathname, searchParams: query } = new URL(url, "https://api.cloudflare.com");
    const path = pathname.replace("/client/v4", "").split("/").slice(1);
    const isKnown = headers.authorization === `Bearer ${this.account.token}`;
    const { status, result, error } = isKnown
      ? await this.carryOut({ method, path, query, body })
      : refuse(403, 9109, "Invalid access token");
    if (method !== "GET" && error === undefined) this.changes.push(`${method} ${pathname}`);
    response.writeHead(status, { "content-type": "application/json" });
    const errors = error === undefined ? [] : [error];
    const success = error === undefined;
    response.end(JSON.stringify({ success, errors, messages: [], result: result ?? null }));
  }

  private async carryOut(question: Question): Promise<Answer> {
    const { zone, zoneId = "z1", accountId } = this.account;
    const [kind, owner, things, id] = question.path;
    if (kind === "zones" && owner === undefined)
      return found(question.query.get("name") === zone ? [{ id: zoneId, name: zone }] : []);
    if (owner !== (kind === "zones" ? zoneId : accountId)) return NOT_YOURS;
    if (things === "dns_records") return this.aboutRecords(question, id);
    return things === "cfd_tunnel" ? this.aboutTunnels(question, id) : NOT_THERE;
  }

  private async aboutRecords({ method, query, body }: Question, id?: string): Promise<Answer> {
    const known = id === undefined ? undefined : this.records.get(id);
    if (id === undefined && method === "GET")
      return found(this.listRecords().filter(({ name }) => name === query.get("name")));
    if (id !== undefined && known === undefined) return NOT_THERE;
    if (id !== undefined && method === "DELETE") {
      this.records.delete(id);
      await this.onChange(known?.name ?? "");
      return found({ id });
    }
    if (method === "GET") return found(renderRecord(id ?? "", known ?? {}));
    return this.writeRecord(id ?? randomBytes(16).toString("hex"), {
      ...known,
      ...z.looseObject({}).parse(JSON.parse(body)),
    });
  }

  private async writeRecord(id: string, given: object): Promise<Answer> {
    const made = record.parse(given);
    const twin = [...this.records].some(
      ([other, { name, type }]) =>
        other !== id && name === made.name && [type, made.type].every((t) => EXCLUSIVE.includes(t)),
    );
    if (twin)
      return refuse(400, 81_053, "An A, AAAA, or CNAME record with that host already exists.");
    this.records.set(id, made);
    await this.onChange(made.name);
    return found(renderRecord(id, made));
  }

  private listRecords(): CloudflareRecord[] {
    return [...this.records].map(([id, each]) => ({ ...each, id }));
  }

  private async aboutTunnels({ method, query, body }: Question, id?: string): Promise<Answer> {
    const known = id === undefined ? undefined : this.tunnels.get(id);
    if (id === undefined && method === "GET")
      return found(
        [...this.tunnels]
          .filter(([, { name }]) => name === query.get("name"))
          .map(([each, tunnel]) => this.renderTunnel(each, tunnel)),
      );
    if (id !== undefined && known === undefined) return NOT_THERE;
    if (id !== undefined && method === "DELETE") {
      if (await this.isOpen())
        return refuse(400, 1022, "Cannot delete tunnel because it has active connections");
      this.tunnels.delete(id);
      return found({ id });
    }
    if (method === "GET") return found(this.renderTunnel(id ?? "", known ?? {}));
    const made = tunnel.parse({ ...known, ...z.looseObject({}).parse(JSON.parse(body)) });
    const named = [...this.tunnels].find(([, { name }]) => name === made.name);
    if (named !== undefined && named[0] !== id)
      return refuse(409, 1013, "You already have a tunnel with this name.");
    const number = id ?? randomUUID();
    this.tunnels.set(number, made);
    return found(this.renderTunnel(number, made));
  }

  /** Never with its secret. */
  private renderTunnel(id: string, { name, config_src }: Partial<CloudflareTunnel>): object {
    return {
      ...{ id, account_tag: this.account.accountId, name, config_src },
      ...{ created_at: CREATED, deleted_at: null, conns_active_at: null, conns_inactive_at: null },
      ...{ connections: [], metadata: {}, status: "inactive", tun_type: "cfd_tunnel" },
      remote_config: config_src !== "local",
    };
  }
}

const CREATED = "2026-01-01T00:00:00Z";

function renderRecord(id: string, given: object): object {
  return {
    ...{ settings: {}, tags: [], meta: {}, proxiable: true },
    ...given,
    ...{ id, created_on: CREATED, modified_on: CREATED },
  };
}

/** The API at a port of loopback, for a program that can be told its address. */
export async function serveCloudflare(
  cloudflare: Cloudflare,
): Promise<{ readonly url: string; close(): void }> {
  const server = http.createServer((request, response) => {
    cloudflare.answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}/client/v4/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
