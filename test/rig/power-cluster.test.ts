import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { requireTools } from "../cluster/use-cluster";
import { run } from "./command";
import type { Machine } from "./machine";
import { ClusterLab } from "./power/cluster-lab";
import { renderPod } from "./power/objects";
import { useRig } from "./use-rig";
import { waitFor } from "./wait";

const METRICS = "/var/lib/node_exporter/textfile_collector/vmstation.prom";
const SETTINGS = "/etc/vmstation/power.json";

/** Milliseconds: what a pod that finds no machine may wait for the magic packet. */
const WATCHED = 2000;

/** The power layer on the rig, with a real API server, scheduler and controllers; kwok is the kubelets' part. */
describe("machines that sleep, in a real cluster", function () {
  let started: ClusterLab | undefined;
  // Before the rig goes, whose network it is on.
  after(() => started?.stop());

  const getRig = useRig();
  let lab: ClusterLab;
  let control: Machine;
  let storage: Machine;
  let compute: Machine;

  before(async function () {
    requireTools(this);
    lab = started = await ClusterLab.start(getRig());
    ({ control } = lab);
    storage = lab.rig.machine("spruce");
    compute = lab.rig.machine("hazel");
    await lab.apply();
  });

  // What the controller said, where it is of use.
  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    const log = "vmstation-power-state.sh; journalctl --no-pager -o cat -n 60 -u 'vmstation-*'";
    console.log((await control.exec(log, { anyCode: true })).stdout);
  });

  /** Changes the controller's settings of machines; what runs for ever starts again where that changes anything. */
  const change = (...changes: (readonly [Machine, object])[]): Promise<unknown> =>
    control.exec(
      `cp ${SETTINGS} ${SETTINGS}.before
python3 -c 'import json, sys
s = json.load(open("${SETTINGS}"))
for name, settings in json.load(sys.stdin):
    next(m for m in s["machines"] if m["name"] == name).update(settings)
json.dump(s, open("${SETTINGS}", "w"))'
cmp -s ${SETTINGS} ${SETTINGS}.before ||
  systemctl restart vmstation-event-wake.service vmstation-connect.service`,
      { input: JSON.stringify(changes.map(([{ name }, settings]) => [name, settings])) },
    );

  /** Whatever the test before has left: settings as they were, nobody waiting, both machines up and held. */
  beforeEach(async () => {
    await lab.cluster.kubectl(["delete", "pod", "job", "--ignore-not-found", "--wait=false"]);
    await change([storage, { calendar: [] }], [compute, { mac: compute.mac, wakeTimeout: 90 }]);
    for (const machine of [storage, compute]) {
      await hold(machine);
      await control.exec(`vmstation-wake.sh ${machine.name}`);
    }
    await control.exec("systemctl start vmstation-autosleep.timer");
  });

  /** Asleep by itself, as nothing but the hold keeps it awake. */
  const fallsAsleep = async (machine: Machine): Promise<void> => {
    await release(machine);
    await lab.reaches(machine.name, "asleep");
  };

  /** Sleeps and wakes that a machine has behind it, as its record counts them. */
  const countChanges = async (machine: Machine): Promise<unknown> => {
    const file = `/var/lib/vmstation/power/${machine.name}.json`;
    const record: unknown = JSON.parse((await control.exec(`cat ${file}`)).stdout);
    const changes: unknown = Reflect.get(Object(record), "changes");
    return Array.isArray(changes) ? changes.length : changes;
  };

  const phaseOf = async (pod: string): Promise<string> => {
    const { stdout } = await lab.cluster.kubectl([
      "get",
      "pod",
      pod,
      "-o=jsonpath={.status.phase}",
    ]);
    return stdout;
  };

  const isUp = (machine: Machine): Promise<unknown> => lab.reaches(machine.name, "awake", "idle");

  const hold = (machine: Machine): Promise<unknown> =>
    control.exec(`vmstation-hold.sh ${machine.name} --for 1h --why 'the next test'`);
  const release = (machine: Machine): Promise<unknown> =>
    control.exec(`vmstation-release.sh ${machine.name}`);

  it("hear a packet of six bytes of ones and sixteen times their address", async () => {
    const capture = spawn(
      "nsenter",
      [
        `--net=${storage.namespace}`,
        "python3",
        path.join(__dirname, "power/capture.py"),
        storage.nic,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const ended = once(capture, "exit");
    const lines = createInterface(capture.stdout)[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value, "ready");
    // A machine that does not answer, and whose network still hears.
    await storage.exec("systemctl stop ssh.socket ssh.service");
    await control.exec(`vmstation-wake.sh ${storage.name} --no-wait`);
    const heard: unknown = (await lines.next()).value;
    await ended;
    await storage.exec("systemctl start ssh.service");
    // Takes back what asked for the machine, now that it answers.
    await control.exec(`vmstation-wake.sh ${storage.name}`);
    assert.equal(heard, "ff".repeat(6) + storage.mac.replaceAll(":", "").repeat(16));
    await isUp(storage);
  });

  it("pass a wake test, and then fall asleep by themselves with their marked pods left bound", async () => {
    await release(storage);
    await control.exec(`vmstation-power-test.sh ${storage.name}`);
    assert.equal(storage.state, "on");
    await lab.reaches(storage.name, "asleep");
    assert.equal(storage.state, "asleep");
    assert.equal(await lab.isCordoned(storage.name), true);
    await waitFor("the node controller to miss it", async () => {
      const { stdout } = await lab.cluster.kubectl([
        ...["get", "node", storage.name],
        '-o=jsonpath={.status.conditions[?(@.type=="Ready")].status}',
      ]);
      return stdout === "Unknown";
    });
    const { stdout } = await lab.cluster.kubectl([
      ...["get", "pods", "-l=app=media", "-o=jsonpath={.items[*].spec.nodeName}"],
    ]);
    assert.equal(stdout, storage.name);
  });

  it("wake for a pod that the scheduler finds no machine for, which then runs there", async () => {
    await fallsAsleep(storage);
    // Its check would see the pod too.
    await control.exec("systemctl stop vmstation-autosleep.timer");
    const seen = lab.rig.magicPackets.length;
    const begin = Date.now();
    await lab.cluster.api.apply(renderPod("job", storage.name));
    await waitFor("a magic packet", () =>
      Promise.resolve(lab.rig.magicPackets.slice(seen).some(({ mac }) => mac === storage.mac)),
    );
    const packet = lab.rig.magicPackets[seen];
    assert.ok(packet);
    const took = packet.at * 1000 - begin;
    console.log(`    magic packet ${Math.round(took)} ms after the pod was asked for`);
    assert.ok(took < WATCHED, `${took} ms`);
    await control.exec("systemctl start vmstation-autosleep.timer");
    assert.equal(packet.from, control.address);
    await isUp(storage);
    await waitFor("the pod to run", async () => (await phaseOf("job")) === "Running");
    assert.equal(await lab.isCordoned(storage.name), false);
    assert.match(String((await lab.rowOf(storage.name))?.reasons), /pod default\/job/);
  });

  it("are switched off with their workloads at 0, and answer the request that wakes them", async () => {
    await release(compute);
    await control.exec(`vmstation-sleep.sh ${compute.name}`);
    assert.equal(compute.state, "off");
    assert.equal(await lab.replicas(), 0);
    const url = `http://${control.address}:30096/film`;
    const page = await run("curl", ["-sS", "-H", "Accept: text/html", "-w", "%{http_code}", url]);
    assert.match(page.stdout, /Jellyfin is waking up[^]*503$/);
    const answer = await run("curl", ["-sS", "--max-time", "120", url]);
    assert.equal(answer.stdout, "film\n");
    await isUp(compute);
    assert.equal(await lab.replicas(), 1);
    assert.equal(await lab.isCordoned(compute.name), false);
  });

  it("come back into service when the controller is killed at any state, by kill -9", async () => {
    await control.exec("systemctl stop vmstation-autosleep.timer");
    for (const [verb, mark] of [
      ["sleep", '"state": "draining"'],
      ["sleep", '"told": true'],
      ["wake", '"state": "waking"'],
    ] as const) {
      await control.exec(`vmstation-wake.sh ${storage.name}`);
      await release(storage);
      if (verb === "wake") await control.exec(`vmstation-sleep.sh ${storage.name}`);
      await control.exec(
        `vmstation-${verb}.sh ${storage.name} & pid=$!
         until grep -q '${mark}' /var/lib/vmstation/power/${storage.name}.json; do
           kill -0 $pid
         done
         kill -9 $pid`,
      );
      // What the checks make of it stays so.
      await hold(storage);
      const isAsleep = await waitFor("the record to say what the machine is", async () => {
        await control.exec("vmstation-autosleep.sh");
        const state = (await lab.rowOf(storage.name))?.state;
        if (state === "asleep") return storage.state === "asleep" && "yes";
        return (state === "awake" || state === "idle") && storage.state === "on" && "no";
      });
      assert.equal(await lab.isCordoned(storage.name), isAsleep === "yes");
    }
  });

  it("are put to sleep once and woken once where two controllers are at it", async () => {
    await control.exec("systemctl stop vmstation-autosleep.timer");
    await release(storage);
    const before = Number(await countChanges(storage));
    await waitFor("both to find it idle", async () => {
      await control.exec("vmstation-autosleep.sh & vmstation-autosleep.sh; wait");
      return (await lab.rowOf(storage.name))?.state === "asleep";
    });
    assert.equal(await countChanges(storage), before + 1);
    const wake = `vmstation-wake.sh ${storage.name}`;
    await control.exec(`${wake} & ${wake}; wait $!; vmstation-autosleep.sh`);
    await isUp(storage);
    assert.equal(await countChanges(storage), before + 2);
  });

  it("wake when the calendar wants them", async () => {
    await fallsAsleep(storage);
    const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    await change([storage, { calendar: [{ days, from: "00:00", until: "23:59" }] }]);
    await isUp(storage);
  });

  it("that do not wake end as failed, with the metric, and their workloads where they can run", async () => {
    await release(compute);
    await control.exec(`vmstation-sleep.sh ${compute.name}`);
    await change([compute, { mac: "02:00:00:00:00:99", wakeTimeout: 8 }]);
    const woken = await control.exec(`vmstation-wake.sh ${compute.name} --json`, { anyCode: true });
    assert.equal(woken.code, 1, woken.stderr);
    assert.equal((await lab.rowOf(compute.name))?.state, "failed");
    const metrics = (await control.exec(`cat ${METRICS}`)).stdout;
    assert.ok(metrics.includes(`vmstation_power_wake_failed{node="${compute.name}"} 1`), metrics);
    assert.ok(metrics.includes(`vmstation_power_distrusted{node="${compute.name}"} 1`), metrics);
    assert.equal(await lab.replicas(), 1);
  });
});
