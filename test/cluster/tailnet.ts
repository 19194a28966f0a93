import { mkdirSync, readlinkSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { run, type CommandResult } from "../rig/command";
import { waitFor } from "../rig/wait";
import { write } from "./credentials";
import { Daemon, type DaemonArgs } from "./daemon";
import { toolPath, type Program } from "./tools";

/** The internet between home and those who are away: nothing of home has an address there. */
const [HOME, AWAY] = ["203.0.113.1", "203.0.113.2"];
const CONTROL = "headscale.rowan.se";
const PORT = 8443;
export const LOGIN_SERVER = `https://${CONTROL}:${PORT}`;

/** Joins the place called by its program's number in $1 with this one. */
const LINK = `
there="nsenter --net=/proc/$1/ns/net ip"
ip link add to-away type veth peer name eth0 netns "$1"
ip address add "$2/24" dev to-away
ip link set to-away up
$there address add "$3/24" dev eth0
$there link set eth0 up
$there link set lo up
`;

/** A control server, and a network that is away from home, with devices there. */
export class Tailnet {
  private readonly daemons: Daemon[] = [];
  private away: Daemon | undefined;
  /** The port of each device that is away, by its name. */
  private readonly socks = new Map<string, number>();

  constructor(private readonly folder: string) {}

  /** With the whole policy of the tailnet. */
  async start(policy: string): Promise<void> {
    // The kernel removes the network and its link with its last program.
    const through = ["unshare", "--net"];
    this.away = this.launch({ program: "/bin/sleep", args: ["infinity"], through });
    const own = readlinkSync("/proc/self/ns/net");
    await waitFor("the network of what is away", () =>
      Promise.resolve(readlinkSync(this.place) !== own),
    );
    await run("sh", ["-euc", LINK, "sh", String(this.away.pid), HOME, AWAY]);
    await this.makeCertificate();
    write(this.folder, "headscale.yaml", stringify(this.renderConfig()));
    const how = { args: this.words("serve"), through: this.through() };
    this.launch({ ...this.called("headscale"), ...how });
    await waitFor("Headscale", async () => {
      this.assertRunning();
      return this.headscale("users", "create", "robin");
    });
    await this.take(policy);
  }

  async stop(): Promise<void> {
    await Promise.all(this.daemons.map((daemon) => daemon.stop()));
  }

  assertRunning(): void {
    for (const daemon of this.daemons) daemon.assertRunning();
  }

  launch(args: Omit<DaemonArgs, "folder">): Daemon {
    const daemon = new Daemon({ folder: this.folder, ...args });
    this.daemons.push(daemon);
    return daemon;
  }

  /** A key for a device of Robin's, or for one that belongs to nobody and has a tag. */
  async makeKey(tag?: string): Promise<string> {
    const tags = tag === undefined ? [] : ["--tags", tag];
    const words = ["--user", "1", "--expiration", "1h", "--output", "json", ...tags];
    const { stdout } = await this.headscale("preauthkeys", "create", ...words);
    return z.object({ key: z.string() }).parse(JSON.parse(stdout)).key;
  }

  /** Words that start a program with the names of this internet, and with what else is mounted. */
  through(more = "true"): string[] {
    const hosts = write(this.folder, "hosts", `127.0.0.1 localhost\n${HOME} ${CONTROL}\n`);
    const script = `mount --bind "$0" /etc/hosts && ${more} && exec "$@"`;
    return ["unshare", "--mount", "sh", "-c", script, hosts];
  }

  /** Variables by which a program trusts the control server. */
  get trust(): NodeJS.ProcessEnv {
    return { SSL_CERT_FILE: this.at("control.crt") };
  }

  /** A device somewhere else, which takes the routes that it is offered. */
  async join(name: string, key: string): Promise<void> {
    const state = this.at(name);
    mkdirSync(state);
    const port = 1055 + this.socks.size;
    this.socks.set(name, port);
    const socket = `--socket=${state}/socket`;
    const args = [
      ...["--tun=userspace-networking", `--socks5-server=127.0.0.1:${port}`, "--port=0"],
      ...[`--statedir=${state}`, `--state=${state}/state`, socket],
    ];
    const called = this.called("tailscaled");
    const how = { namespace: this.place, through: this.through(), env: this.trust };
    this.launch({ ...called, args, ...how });
    const words = [`--authkey=${key}`, `--login-server=${LOGIN_SERVER}`, `--hostname=${name}`];
    await run(toolPath("tailscale"), [socket, "up", ...words, "--accept-routes", "--timeout=60s"]);
  }

  /** What a device that is away gets of an address by its tailnet. */
  async reach(name: string, address: string): Promise<string> {
    this.assertRunning();
    const proxy = `127.0.0.1:${this.socks.get(name) ?? 0}`;
    const words = ["--silent", "--max-time", "3", "--socks5", proxy, `http://${address}/`];
    const place = [`--net=${this.place}`, "curl", ...words];
    return (await run("nsenter", place, { anyCode: true })).stdout.trim();
  }

  /** Gives the control server a policy, which it checks first. */
  async take(policy: string): Promise<void> {
    await this.headscale("policy", "set", "--file", write(this.folder, "policy.json", policy));
  }

  private get place(): string {
    return `/proc/${this.away?.pid ?? 0}/ns/net`;
  }

  private at(name: string): string {
    return path.join(this.folder, name);
  }

  private called(program: Program): { program: string } {
    return { program: toolPath(program) };
  }

  private words(...words: string[]): string[] {
    return ["--config", this.at("headscale.yaml"), ...words];
  }

  private headscale(...words: string[]): Promise<CommandResult> {
    return run(toolPath("headscale"), this.words(...words));
  }

  private async makeCertificate(): Promise<void> {
    await run("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-days", "2", "-subj", `/CN=${CONTROL}`, "-addext", `subjectAltName=DNS:${CONTROL}`],
      ...["-keyout", this.at("control.key"), "-out", this.at("control.crt")],
    ]);
  }

  private renderConfig(): object {
    return {
      server_url: LOGIN_SERVER,
      listen_addr: `${HOME}:${PORT}`,
      metrics_listen_addr: "",
      grpc_listen_addr: "127.0.0.1:50443",
      noise: { private_key_path: this.at("noise.key") },
      prefixes: { v4: "100.64.0.0/10", v6: "fd7a:115c:a1e0::/48", allocation: "sequential" },
      derp: {
        server: {
          ...{ enabled: true, region_id: 999, region_code: "home", region_name: "Home" },
          ...{ stun_listen_addr: `${HOME}:3478`, private_key_path: this.at("derp.key") },
          ...{ automatically_add_embedded_derp_region: true, ipv4: HOME, verify_clients: false },
        },
        ...{ urls: [], paths: [], auto_update_enabled: false },
      },
      disable_check_updates: true,
      database: { type: "sqlite", sqlite: { path: this.at("headscale.sqlite") } },
      ...{ tls_cert_path: this.at("control.crt"), tls_key_path: this.at("control.key") },
      policy: { mode: "database" },
      dns: { magic_dns: false, base_domain: "tailnet.test", override_local_dns: false },
      cli: { timeout: "30s" },
      unix_socket: this.at("headscale.sock"),
    };
  }
}
