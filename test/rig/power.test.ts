import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { machineSchema } from "../../components/node/config";
import { machinePowerSchema, powerSchema } from "../../components/power/config";
import { isSleeper, type PowerMachine, type Sleeper } from "../../components/power/names";
import {
  agentStep,
  controllerStep,
  credentialsStep,
  trustStep,
} from "../../components/power/steps";
import type { SleepingApp } from "../../components/power/types";
import { lanSchema } from "../../components/remote/config";
import { renderStdin } from "../../components/remote/render-stdin";
import type { Step } from "../../components/remote/step";
import { run } from "./command";
import type { Machine } from "./machine";
import { NETWORK } from "./machine-spec";
import type { Rig } from "./rig";
import { useRig } from "./use-rig";
import { waitFor } from "./wait";

/** Veth has no Wake-on-LAN and a container no clock: these say what the tools would say on a real machine. */
const STAND_INS = `
for tool in ethtool rtcwake; do
  rm -f /usr/sbin/$tool
  printf '#!/bin/sh\\necho "Supports Wake-on: g"; echo "Wake-on: g"; echo "alarm: on"\\n' >/usr/sbin/$tool
  chmod 755 /usr/sbin/$tool
done`;

/** What a Jellyfin would be: it answers on 8096 whenever its machine is up. */
const APP = `
mkdir -p /srv/www && echo film >/srv/www/film
cat >/etc/systemd/system/app.service <<'END'
[Service]
ExecStart=/usr/bin/python3 -m http.server --directory /srv/www 8096
[Install]
WantedBy=multi-user.target
END
systemctl enable -q --now app.service`;

const config = powerSchema.parse({
  checkEvery: "5s",
  idleAfter: "5s",
  firstCheckAfterBoot: "5s",
  minimumAwake: "1s",
  maxChangesPerDay: 96,
  wakeTimeout: "90s",
  sleepTimeout: "60s",
  // The kernel's counters are the host's, on which other things run.
  thresholds: { cpu: 1, network: "1G", disk: "1T" },
});

const lan = lanSchema.parse({
  cidr: NETWORK.cidr,
  gateway: NETWORK.controller,
  broadcast: NETWORK.broadcast,
});

const app: SleepingApp = {
  app: "jellyfin",
  path: "apps.jellyfin",
  machine: "homelab",
  workload: { namespace: "jellyfin", kind: "Deployment", name: "jellyfin" },
  service: "jellyfin",
  probePort: 8096,
  probe: { kind: "connections" },
  advertised: [{ port: 30_096, servicePort: 8096, http: true }],
};

function describeMachine(machine: Machine, power: object): PowerMachine {
  const { name, address, mac, nic, sshUser, hostKey } = machine;
  const parsed = machineSchema.parse({
    ...{ address, mac, nic, sshUser, hostKey },
    ...{ os: "debian-12", roles: ["worker"], dns: ["192.0.2.1"] },
  });
  return { name, ...parsed, sleeps: true, power: machinePowerSchema.parse(power) };
}

describe("machines that sleep and wake", () => {
  const getRig = useRig();
  let rig: Rig;
  let control: Machine;
  let sleepers: Sleeper[];

  async function perform(machine: Machine, step: Step, verb: string): Promise<string> {
    const input = renderStdin(step, { machine: machine.name, lockSeconds: 60 });
    return (await machine.exec(`sh -eus ${verb}`, { input })).stdout;
  }

  const controller = (): Step =>
    controllerStep({ config, lan, sleepers, apps: [app], hasSecret: () => false });

  const object = async (kind: string, name: string): Promise<unknown> =>
    JSON.parse(
      (await control.exec(`cat /var/lib/vmstation/power/kubernetes/${kind}.${name}.json`)).stdout,
    );

  async function store(kind: string, name: string, item: object): Promise<void> {
    const input = JSON.stringify({ kind: kind === "node" ? "Node" : kind, ...item });
    await control.exec(`cat >/var/lib/vmstation/power/kubernetes/${kind}.${name}.json`, { input });
  }

  const isCordoned = async (name: string): Promise<boolean> =>
    Reflect.get(
      Object(Reflect.get(Object(await object("node", name)), "spec")),
      "unschedulable",
    ) === true;

  async function stateOf(name: string): Promise<unknown> {
    const { stdout } = await control.exec("vmstation-power-state.sh --json");
    const rows: unknown = JSON.parse(stdout);
    assert.ok(Array.isArray(rows));
    const row: unknown = rows.find((each) => Reflect.get(Object(each), "machine") === name);
    return Reflect.get(Object(row), "state");
  }

  const reaches = (name: string, state: string): Promise<boolean> =>
    waitFor(`${name} to be ${state}`, async () => (await stateOf(name)) === state, 60_000);

  // What the controller said, where it is of use.
  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    const log = "vmstation-power-state.sh; journalctl --no-pager -o cat -n 40 -u 'vmstation-*'";
    console.log((await control.exec(log, { anyCode: true })).stdout);
  });

  before(async () => {
    rig = getRig();
    control = rig.machine("masternode");
    const storage = rig.machine("storagenodet3500");
    const compute = rig.machine("homelab");
    sleepers = [
      describeMachine(storage, { mode: "sleeps" }),
      describeMachine(compute, { mode: "sleeps", method: "poweroff" }),
    ].filter(isSleeper);
    await control.exec(
      "mkdir -p /var/lib/vmstation/power/kubernetes && mkfifo /var/lib/vmstation/power/kubernetes/watch",
    );
    const kubectl = readFileSync(path.join(__dirname, "power/kubectl"), "utf8");
    await control.exec("cat >/usr/local/bin/kubectl; chmod 755 /usr/local/bin/kubectl", {
      input: kubectl,
    });
    for (const { name, address } of sleepers) {
      await store("node", name, {
        address,
        metadata: { name, resourceVersion: "1", labels: {}, annotations: {} },
        spec: {},
        status: {
          conditions: [{ type: "Ready", status: "True" }],
          allocatable: { cpu: "4", pods: "110" },
        },
      });
      await store("lease", name, { spec: { renewTime: "" } });
      await rig.machine(name).exec(STAND_INS);
    }
    await store("service", "jellyfin", { spec: { clusterIP: compute.address } });
    await store("deployment", "jellyfin", { spec: { replicas: 1 } });
    await compute.exec(APP);
  });

  it("are prepared by the layer's steps, which find nothing to change afterwards", async () => {
    const key = await perform(control, controller(), "apply");
    assert.match(key, /^ssh-ed25519 \S+ vmstation power controller on masternode\n$/);
    assert.equal(await perform(control, controller(), "apply"), key);
    const credentials = credentialsStep({ kubeconfig: "{}", bmcPasswords: {}, appKeys: {} });
    const steps: [Machine, Step][] = [
      [control, controller()],
      [control, credentials],
      ...sleepers.flatMap((sleeper): [Machine, Step][] => {
        const machine = rig.machine(sleeper.name);
        return [
          [machine, agentStep(sleeper, config)],
          [machine, trustStep(key, control.address)],
        ];
      }),
    ];
    for (const [machine, step] of steps) await perform(machine, step, "apply");
    for (const [machine, step] of steps) {
      assert.equal(await perform(machine, step, "check"), "", `${step.name} on ${machine.name}`);
    }
    const failed = await control.exec("systemctl --failed --no-legend --plain");
    assert.equal(failed.stdout, "");
  });

  it("stay awake while no wake test has passed", async () => {
    await control.exec("vmstation-autosleep.sh");
    const { stdout } = await control.exec("vmstation-power-state.sh");
    assert.match(stdout, /^storagenodet3500 .*(no wake test has passed yet|cannot read)/m);
  });

  it("pass a wake test: suspended for real, woken by their own magic packet, uncordoned", async () => {
    const machine = rig.machine("storagenodet3500");
    await control.exec("vmstation-power-test.sh storagenodet3500");
    assert.equal(machine.state, "on");
    assert.equal(await isCordoned("storagenodet3500"), false);
    const packet = rig.magicPackets.find(({ mac }) => mac === machine.mac);
    assert.equal(packet?.from, control.address);
  });

  it("fall asleep by themselves, and wake within 2 s for a pod that waits for them", async () => {
    const machine = rig.machine("storagenodet3500");
    await reaches("storagenodet3500", "asleep");
    assert.equal(machine.state, "asleep");
    assert.equal(await isCordoned("storagenodet3500"), true);
    const pod = {
      kind: "Pod",
      metadata: { name: "job", namespace: "default", uid: "u" },
      spec: { containers: [{ resources: { requests: { cpu: "1" } } }] },
      status: {
        conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable" }],
      },
    };
    await store("pod", "job", pod);
    const seen = rig.magicPackets.length;
    const begin = Date.now();
    const input = JSON.stringify({ type: "ADDED", object: pod });
    await control.exec("cat >/var/lib/vmstation/power/kubernetes/watch", { input });
    await waitFor("a magic packet", () => Promise.resolve(rig.magicPackets.length > seen));
    assert.ok(Date.now() - begin < 2000, `${Date.now() - begin} ms`);
    await reaches("storagenodet3500", "awake");
    assert.equal(await isCordoned("storagenodet3500"), false);
    const why = await control.exec("vmstation-power-state.sh");
    assert.ok(!why.stdout.includes("up without our doing"), why.stdout);
    await control.exec("rm /var/lib/vmstation/power/kubernetes/pod.job.json");
    await control.exec("vmstation-hold.sh storagenodet3500 --for 1h --why 'the next test'");
  });

  it("are switched off with their workloads at 0, and answer the request that wakes them", async () => {
    const machine = rig.machine("homelab");
    const sleep = control.exec("vmstation-sleep.sh homelab");
    await machine.waitForState("off");
    // A container's network outlives it and would refuse connections; a machine that is off says nothing.
    await machine.cutLink();
    await sleep;
    assert.deepEqual(Reflect.get(Object(await object("deployment", "jellyfin")), "spec"), {
      replicas: 0,
    });
    const url = `http://${control.address}:30096/film`;
    const page = await run("curl", ["-sS", "-H", "Accept: text/html", "-w", "%{http_code}", url]);
    assert.match(page.stdout, /jellyfin is waking up[^]*503$/);
    const answer = await run("curl", ["-sS", "--max-time", "120", url]);
    assert.equal(answer.stdout, "film\n");
    await reaches("homelab", "awake");
    assert.deepEqual(Reflect.get(Object(await object("deployment", "jellyfin")), "spec"), {
      replicas: 1,
    });
  });

  it("let the controller's key run nothing but the agent, and nobody else's", async () => {
    const { address } = rig.machine("homelab");
    const ssh =
      `ssh -F none -i /etc/vmstation/power/key -o BatchMode=yes -o IdentitiesOnly=yes ` +
      `-o UserKnownHostsFile=/etc/vmstation/power/known_hosts vmstation-power@${address}`;
    const refused = await control.exec(`${ssh} id`, { anyCode: true });
    assert.deepEqual([refused.code, refused.stdout], [2, ""]);
    const observed: unknown = JSON.parse((await control.exec(`${ssh} observe`)).stdout);
    assert.deepEqual(Reflect.get(Object(observed), "errors"), {});
    assert.deepEqual(Reflect.get(Object(observed), "sessions"), []);
  });

  it("are left as they were when the layer goes", async () => {
    for (const sleeper of sleepers) {
      const machine = rig.machine(sleeper.name);
      await perform(machine, trustStep("ssh-ed25519 AAAA", control.address), "remove");
      await perform(machine, agentStep(sleeper, config), "remove");
      const left =
        "ls /usr/local/sbin/vmstation-* /etc/sudoers.d/vmstation-* 2>/dev/null; id vmstation-power";
      assert.equal((await machine.exec(left, { anyCode: true })).stdout, "");
    }
    await perform(control, controller(), "remove");
    const units = await control.exec(
      "systemctl list-unit-files --no-legend 'vmstation-*' || :; cd /usr/local/bin; ls -d vmstation-* || :",
    );
    assert.equal(units.stdout, "");
  });
});
