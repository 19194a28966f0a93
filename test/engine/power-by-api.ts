import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { documentedRights } from "../support/proxmox-rights";
import { type FakePve, TOKEN } from "./fake-pve";

export const TO_WAKE = documentedRights("Machines that sleep");
export const TO_HIBERNATE = documentedRights("Machines that hibernate", "ceph-pool");
export const TO_REST = documentedRights("Hosts that sleep");

export type Verb = "check" | "sleep" | "order" | "wake" | "rest";

/** The power controller's code, as it runs beside a cluster. */
export class Controller {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: AsyncIterator<string>;

  constructor() {
    const program = path.join(__dirname, "../unit/power/python/by_api.py");
    this.child = spawn("python3", ["-B", program], { stdio: ["pipe", "pipe", "inherit"] });
    this.lines = createInterface(this.child.stdout)[Symbol.asyncIterator]();
  }

  async call(verb: Verb, policy: unknown): Promise<string> {
    this.child.stdin.write(`${JSON.stringify({ verb, policy })}\n`);
    const line = await this.lines.next();
    if (line.done === true) throw new Error("the controller's code has ended");
    return String(JSON.parse(line.value));
  }

  stop(): void {
    this.child.kill();
  }
}

/** The machine ni, number 152, on the host pve-b, and the power controller's code that switches it. */
export class PowerByApi {
  /** What the machine's entry in power.json has of Proxmox. */
  readonly proxmox: Readonly<Record<string, unknown>>;
  method = "poweroff";
  readonly controller = new Controller();
  private readonly folder = mkdtempSync(path.join(tmpdir(), "vmstation-power-"));

  constructor(private readonly pve: FakePve) {
    writeFileSync(path.join(this.folder, "token"), `${TOKEN}\n`);
    this.proxmox = {
      ...{ id: 152, host: "pve-b", hosts: { "pve-b": "02:00:00:00:00:0b" }, storage: "ceph-pool" },
      ...{ endpoints: [pve.endpoint], certificateAuthority: pve.authority },
      tokenFile: path.join(this.folder, "token"),
    };
  }

  /** What the controller's code says; `changes`: of the entry's part for Proxmox. */
  call(verb: Verb, changes: object = {}): Promise<string> {
    const { method } = this;
    return this.controller.call(verb, {
      ...{ name: "ni", address: "127.0.0.1", minimumAsleep: 600, quietHours: [], timeZone: "UTC" },
      ...{ method, sleepTimeout: 30 },
      proxmox: { ...this.proxmox, ...changes },
    });
  }

  /** Each request that changed something since the last question. */
  async asked(): Promise<string[]> {
    const all = (await this.pve.call("asked")) as [string, string, string][];
    return all.map(([method, where, body]) => `${method} ${where} ${body}`.trim());
  }

  /** As at the beginning: the machine is off, and nothing fails. */
  async begin(): Promise<void> {
    const { pve } = this;
    await pve.call("heal");
    await pve.call("allow", { ...TO_WAKE, ...TO_REST });
    for (const name of ["pve-b", "pve-c"]) await pve.call("set_node_offline", name, false);
    const whole = { status: "stopped", lock: null, start_error: null, ha_state: null };
    await pve.call("change", 152, { ...whole, acpi: true, shutdown_secs: 0 });
    await pve.call("asked");
  }

  stop(): void {
    this.controller.stop();
    rmSync(this.folder, { recursive: true });
  }
}

/** The same for a suite. */
export function usePowerByApi(pve: () => FakePve): () => PowerByApi {
  let power: PowerByApi | undefined;
  const ours = (): PowerByApi => {
    if (power === undefined) throw new Error("the controller's code does not run");
    return power;
  };
  before(async () => {
    power = new PowerByApi(pve());
    await pve().call("add_node", "pve-c");
    await pve().call("make", 152, "ni", "pve-b");
  });
  after(() => power?.stop());
  beforeEach(() => ours().begin());
  return ours;
}
