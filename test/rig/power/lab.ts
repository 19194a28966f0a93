import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { machineSchema } from "../../../components/node/config";
import { machinePowerSchema, powerSchema } from "../../../components/power/config";
import { ROLE, isSleeper, type PowerMachine, type Sleeper } from "../../../components/power/names";
import { renderKubeconfig } from "../../../components/power/render-account";
import { agentStep, controllerStep, credentialsStep } from "../../../components/power/steps";
import type { SleepingApp } from "../../../components/power/types";
import { trustStep } from "../../../components/remote/agent/steps";
import { completeLan, lanSchema } from "../../../components/remote/config";
import { renderStdin } from "../../../components/remote/render-stdin";
import type { Step } from "../../../components/remote/step";
import type { Machine } from "../machine";
import { run } from "../command";
import { NETWORK, osOf, type MachineSpec } from "../machine-spec";
import type { Rig } from "../rig";
import { waitFor } from "../wait";

/** Veth has no Wake-on-LAN and a container no clock: these say what the tools would say on a real machine. */
export const STAND_INS = `
for tool in ethtool rtcwake; do
  rm -f /usr/sbin/$tool
  printf '#!/bin/sh\\necho "Supports Wake-on: g"; echo "Wake-on: g"; echo "alarm: on"\\n' >/usr/sbin/$tool
  chmod 755 /usr/sbin/$tool
done`;

/** Where the stand-in for kubectl keeps its objects. */
const OBJECTS = "/var/lib/vmstation/power/kubernetes";

const WATCH_SERVER = `
cat >/usr/local/bin/watch-server
cat >/etc/systemd/system/watch-server.service <<'END'
[Service]
ExecStart=/usr/bin/python3 /usr/local/bin/watch-server
[Install]
WantedBy=multi-user.target
END
systemctl enable -q --now watch-server.service`;

/** A key and its certificate, one PEM file. */
async function makeCertificate(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "vmstation-api-"));
  try {
    const [key, certificate] = [path.join(folder, "key"), path.join(folder, "certificate")];
    await run("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-subj", "/CN=api", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "9"],
      ...["-keyout", key, "-out", certificate],
    ]);
    return readFileSync(key, "utf8") + readFileSync(certificate, "utf8");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Minutes and hours of a real homelab as seconds. */
const parsed = powerSchema.parse({
  ...{ checkEvery: "5s", idleAfter: "5s", firstCheckAfterBoot: "5s" },
  ...{ minimumAwake: "1s", minimumAsleep: "1s", maxChangesPerDay: 96 },
  ...{ wakeTimeout: "90s", sleepTimeout: "60s" },
  thresholds: { cpu: 1, network: "1T", disk: "1T" },
});

/** The kernel's counters are the host's, on which other things run: no load of theirs counts. */
export const config = { ...parsed, thresholds: { ...parsed.thresholds, cpu: 2 } };

export const lan = completeLan(
  lanSchema.parse({
    cidr: NETWORK.cidr,
    gateway: NETWORK.controller,
    broadcast: NETWORK.broadcast,
  }),
);

/** A unit that serves a folder over HTTP at a port, whenever its machine is up. */
export const renderServer = (folder: string, port: number, unit = "app"): string => `
cat >/etc/systemd/system/${unit}.service <<'END'
[Service]
ExecStart=/usr/bin/python3 -m http.server --directory ${folder} ${port}
[Install]
WantedBy=multi-user.target
END
systemctl enable -q --now ${unit}.service`;

/** A machine of the rig as the configuration would have it. */
export function describeMachine(
  machine: Pick<Machine, "name" | "address" | "mac" | "nic" | "sshUser" | "hostKey"> & {
    readonly spec?: MachineSpec;
  },
  power: object,
): PowerMachine {
  const { name, address, mac, nic, sshUser, hostKey, spec = {} } = machine;
  const parsed = machineSchema.parse({
    ...{ address, mac, nic, sshUser, hostKey },
    ...{ os: osOf(spec), roles: ["worker"], dns: ["192.0.2.1"] },
  });
  return { name, ...parsed, sleeps: true, power: machinePowerSchema.parse(power) };
}

export interface PowerLabArgs {
  readonly rig: Rig;
  /** The machines that sleep, by name, and how: { mode: "sleeps", method: "poweroff" }. */
  readonly sleepers: Readonly<Record<string, object>>;
  readonly apps: readonly SleepingApp[];
}

/** The power layer on the rig's machines, the API server's part played by power/kubectl. */
export class PowerLab {
  readonly control: Machine;
  readonly sleepers: readonly Sleeper[];
  /** The watched API server's. */
  private certificate = "";

  constructor(private readonly args: PowerLabArgs) {
    this.control = args.rig.machine("maple");
    this.sleepers = Object.entries(args.sleepers)
      .map(([name, power]) => describeMachine(args.rig.machine(name), power))
      .filter(isSleeper);
  }

  /** What the layer finds: kubectl, nodes, a Service and a workload for each app, tools that answer. */
  async prepare(): Promise<void> {
    const kubectl = readFileSync(path.join(__dirname, "kubectl"), "utf8");
    await this.control.exec(`mkdir -p ${OBJECTS} && mkfifo ${OBJECTS}/watch`);
    await this.control.exec("cat >/usr/local/bin/kubectl; chmod 755 /usr/local/bin/kubectl", {
      input: kubectl,
    });
    this.certificate = await makeCertificate();
    await this.control.exec(`cat >${OBJECTS}/api.pem`, { input: this.certificate });
    const server = readFileSync(path.join(__dirname, "watch-server"), "utf8");
    await this.control.exec(WATCH_SERVER, { input: server });
    for (const { name, address } of this.sleepers) {
      await this.store("node", name, {
        address,
        metadata: { name, resourceVersion: "1", labels: {}, annotations: {} },
        spec: {},
        status: {
          conditions: [{ type: "Ready", status: "True" }],
          allocatable: { cpu: "4", memory: "24057404Ki", pods: "110" },
        },
      });
      await this.store("lease", name, { spec: { renewTime: "" } });
      await this.args.rig.machine(name).exec(STAND_INS);
    }
    for (const { service, machine, workload } of this.args.apps) {
      const clusterIP = this.args.rig.machine(machine).address;
      await this.store("service", service, { spec: { clusterIP } });
      await this.store(workload.kind.toLowerCase(), workload.name, { spec: { replicas: 1 } });
    }
  }

  controller(): Step {
    const { sleepers } = this;
    return controllerStep({ config, lan, sleepers, apps: this.args.apps, hasSecret: () => false });
  }

  /** Puts a step through a verb on a machine and returns what it printed. */
  async perform(machine: Machine, step: Step, verb: string): Promise<string> {
    const input = renderStdin(step, { machine: machine.name, lockSeconds: 60 });
    return (await machine.exec(`sh -eus ${verb}`, { input })).stdout;
  }

  /** The layer's steps, each with its machine, in the order of the graph. `key`: the controller's. */
  steps(key: string): (readonly [Machine, Step])[] {
    const authority = this.certificate.replace(/^[^]*?(?=-----BEGIN CERTIFICATE)/, "");
    const kubeconfig = renderKubeconfig("https://127.0.0.1:6443", {
      "ca.crt": Buffer.from(authority).toString("base64"),
      token: Buffer.from("token").toString("base64"),
    });
    const credentials = credentialsStep({ kubeconfig, wakeSecrets: {}, appKeys: {} });
    return [
      [this.control, this.controller()],
      [this.control, credentials],
      ...this.sleepers.flatMap((sleeper): (readonly [Machine, Step])[] => {
        const machine = this.args.rig.machine(sleeper.name);
        return [
          [machine, agentStep(sleeper, config, 6443)],
          [machine, trustStep(ROLE, key, this.control.address)],
        ];
      }),
    ];
  }

  async object(kind: string, name: string): Promise<unknown> {
    return JSON.parse((await this.control.exec(`cat ${OBJECTS}/${kind}.${name}.json`)).stdout);
  }

  async store(kind: string, name: string, item: object): Promise<void> {
    const input = JSON.stringify({ kind: kind === "node" ? "Node" : kind, ...item });
    await this.control.exec(`cat >${OBJECTS}/${kind}.${name}.json`, { input });
  }

  /** Names of the objects of a kind. */
  async list(kind: string): Promise<string[]> {
    const { stdout } = await this.control.exec(`ls ${OBJECTS}`);
    return stdout.split("\n").flatMap((file) => {
      const [of, name = "", end] = file.split(".");
      return of === kind && end === "json" ? [name] : [];
    });
  }

  async isCordoned(name: string): Promise<boolean> {
    const spec: unknown = Reflect.get(Object(await this.object("node", name)), "spec");
    return Reflect.get(Object(spec), "unschedulable") === true;
  }

  async stateOf(name: string): Promise<unknown> {
    const { stdout } = await this.control.exec("vmstation-power-state.sh --json");
    const rows: unknown = JSON.parse(stdout);
    assert.ok(Array.isArray(rows));
    const row: unknown = rows.find((each) => Reflect.get(Object(each), "machine") === name);
    return Reflect.get(Object(row), "state");
  }

  /** Waits until the controller says that a machine is "asleep", "awake" or the like. */
  reaches(name: string, state: string): Promise<boolean> {
    const isThere = async (): Promise<boolean> => (await this.stateOf(name)) === state;
    return waitFor(`${name} to be ${state}`, isThere, 60_000);
  }

  /** Prints what the controller said, where it is of use. */
  async explain(test: Mocha.Test | undefined): Promise<void> {
    if (test?.state !== "failed") return;
    const log = "vmstation-power-state.sh; journalctl --no-pager -o cat -n 40 -u 'vmstation-*'";
    console.log((await this.control.exec(log, { anyCode: true })).stdout);
  }
}
