import type http from "node:http";
import https from "node:https";
import { text } from "node:stream/consumers";
import { waitFor } from "../rig/wait";
import { Cloudflare, type Account } from "../support/cloudflare";
import { write } from "./credentials";
import { Daemon } from "./daemon";
import { InternetNames } from "./internet-names";
import { toolPath } from "./tools";
import { ask } from "./web";

const ACME = "acme-staging-v02.api.letsencrypt.org";
const CLOUDFLARE = "api.cloudflare.com";
/** What only the stand-ins themselves use, on loopback of a network of its own. */
const PORTS = { pebble: 14_000, pebbleControl: 15_000, dnsControl: 8055 } as const;

/** Where its servers listen: HTTPS at port 443 of an address, and DNS. */
export interface Place {
  readonly address: string;
  readonly dns: string;
}

/** For programs on this machine. */
const LOOPBACK: Place = { address: "127.0.0.1", dns: "127.0.0.1:8053" };
export const DNS_SERVER = LOOPBACK.dns;

/** The names that it answers to. */
export const INTERNET_NAMES: readonly string[] = [ACME, CLOUDFLARE];

/**
 * The internet as far as a certificate needs it: Let's Encrypt's staging (Pebble), Cloudflare's API (a stand-in), and the
 * name servers of the world (Pebble's DNS).
 */
export class Internet {
  private readonly cloudflare: Cloudflare;
  private readonly names: InternetNames;
  private daemons: Daemon[] = [];
  private server: https.Server | undefined;

  constructor(
    private readonly folder: string,
    /** Changed by the test as it likes. */
    readonly account: Account,
    private readonly place: Place = LOOPBACK,
  ) {
    this.names = new InternetNames(folder, INTERNET_NAMES, place.address);
    this.cloudflare = new Cloudflare(account, (name) => this.publish(name));
  }

  async start(blocked: readonly string[], validSeconds: number): Promise<void> {
    await this.names.makeCertificate();
    const config = {
      listenAddress: `127.0.0.1:${PORTS.pebble}`,
      managementListenAddress: `127.0.0.1:${PORTS.pebbleControl}`,
      certificate: this.names.file,
      privateKey: this.names.keyFile,
      keyAlgorithm: "ecdsa",
      domainBlocklist: blocked,
      retryAfter: { authz: 1, order: 1 },
      profiles: { default: { description: "", validityPeriod: validSeconds } },
    };
    const { folder, place } = this;
    const off = ["http01", "https01", "tlsalpn01", "doh"].flatMap((each) => [`-${each}`, ""]);
    const control = ["-management", `127.0.0.1:${PORTS.dnsControl}`];
    this.daemons = [
      new Daemon({
        folder,
        program: toolPath("pebble-challtestsrv"),
        args: ["-dnsserver", place.dns, ...control, ...off],
      }),
      new Daemon({
        folder,
        program: toolPath("pebble"),
        args: [
          ...["-config", write(folder, "pebble.json", JSON.stringify({ pebble: config }))],
          ...["-dnsserver", place.dns],
        ],
        env: { PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0" },
      }),
    ];
    this.server = https.createServer(this.names.tls, (request, response) => {
      const isAcme = request.headers.host === ACME;
      const answered = isAcme
        ? this.passOn(request, response)
        : this.cloudflare.answer(request, response);
      answered.catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => this.server?.listen(443, place.address, resolve));
    await waitFor("Pebble", () => {
      for (const daemon of this.daemons) daemon.assertRunning();
      return this.control("GET", "").then(
        () => true,
        () => false,
      );
    });
  }

  async stop(): Promise<void> {
    this.server?.close();
    this.server?.closeAllConnections();
    await Promise.all(this.daemons.map((daemon) => daemon.stop()));
  }

  /** Words that start a program for which these are the internet's names. */
  get through(): readonly string[] {
    return this.names.through;
  }

  /** What programs trust that ask it, in PEM. */
  get authority(): string {
    return this.names.tls.cert;
  }

  /** What devices would have to trust, in PEM. */
  async root(): Promise<string> {
    return (await ask(`https://localhost:${PORTS.pebbleControl}/roots/0`)).text;
  }

  /** Variables by which such a program trusts them. */
  get env(): NodeJS.ProcessEnv {
    return this.names.env;
  }

  /** To Pebble, whose directory has another path than Let's Encrypt's. */
  private async passOn(
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> {
    const body = await text(request);
    const { url: asked = "", method, headers } = request;
    const onward = https.request({
      ...{ host: "127.0.0.1", port: PORTS.pebble, ca: this.names.tls.cert, method },
      ...{ path: asked === "/directory" ? "/dir" : asked, headers, servername: ACME },
    });
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    onward.end(body);
  }

  /** As Cloudflare's records are the world's. */
  private async publish(name: string): Promise<void> {
    const host = `${name}.`;
    await this.control("POST", "clear-txt", { host });
    for (const each of this.cloudflare.records.values())
      if (each.name === name) await this.control("POST", "set-txt", { host, value: each.content });
  }

  private async control(method: string, verb: string, body?: object): Promise<void> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    await fetch(`http://127.0.0.1:${PORTS.dnsControl}/${verb}`, init);
  }
}
