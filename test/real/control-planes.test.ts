import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { EngineLab } from "../engine/engine-lab";
import { requireEngine } from "../engine/use-engine";
import { FOURTH, POD_MACHINES } from "../rig/machine-spec";
import { waitFor } from "../rig/wait";
import { etcdctl } from "./cluster/etcd";
import { ADDRESS, changeHostKey, CONTROL, WALNUT } from "./cluster/fourth";
import { ignoreLoad } from "./cluster/load";
import { startPods } from "./cluster/pods";
import { requireLong } from "./long";
import { STAND_INS } from "./running-real";
import { useReal } from "./use-real";

const MINUTE = 60_000;

const fileSchema = z.looseObject({
  config: z.looseObject({
    "vmstation:machines": z.record(z.string(), z.looseObject({})),
  }),
});

/** The stack's file as an operator changes it for a new machine under an old name. */
function describeReplacement(file: string, name: string, hostKey: string): void {
  const stack = fileSchema.parse(parse(readFileSync(file, "utf8")));
  const machines = stack.config["vmstation:machines"];
  const others = Object.entries(machines[name] ?? {}).filter(([key]) => key !== "offline");
  machines[name] = { ...Object.fromEntries(others), hostKey };
  writeFileSync(file, stringify(stack));
}

describe("three control planes by kubeadm behind one address, in the hands of the real engine", function () {
  // Each test goes on with the cluster that the one before has left.
  this.bail(true);
  let engine: Awaited<ReturnType<typeof requireEngine>>;
  let update: EngineLab;

  // Without an engine no machine need be made.
  before(async function () {
    requireLong(this);
    engine = await requireEngine(this);
  });
  const getReal = useReal({ machines: [...POD_MACHINES, FOURTH] });
  after(() => {
    update.remove();
  });

  const up = async (): Promise<void> => {
    const ran = await update.up();
    assert.equal(ran.ok, true, ran.output);
    assert.deepEqual(ran.failed, []);
  };
  const passes = async (...words: [string, ...string[]]): Promise<string> => {
    const { code, output } = await update.verb(words);
    assert.equal(code, 0, `vmstation ${words.join(" ")}\n${output}`);
    return output;
  };
  /** etcd's members that answer, as a machine's own one sees them. */
  const healthyMembers = async (machine: string): Promise<number> => {
    const words = etcdctl(machine, "endpoint", "health", "--cluster", "-w", "json");
    const text = await getReal().lab.kubectl(...words);
    const found = z.array(z.object({ health: z.boolean() })).parse(JSON.parse(text));
    return found.filter(({ health }) => health).length;
  };

  it("come up by one `up`, each with a member of etcd", async () => {
    const { lab } = getReal();
    const changes = { spruce: CONTROL, walnut: WALNUT };
    lab.describe({ changes, more: { bootstrap: { endpoint: { address: ADDRESS } } } });
    update = await lab.openEngine(engine);
    await up();
    await passes("validate", "--failures");
    await lab.objects.connect(await passes("kubeconfig", "--print"));
    assert.match(
      readFileSync(lab.objects.kubeconfig, "utf8"),
      /server: "?https:\/\/10\.213\.0\.9:6443/,
    );
    assert.equal(await healthyMembers("maple"), 3);
  });

  it("take a new machine in the place of a dead one, under its name", async () => {
    const { lab, rig } = getReal();
    const machine = rig.machine("walnut");
    await lab.kubectl("create", "configmap", "before", "--from-literal=found=again");
    await machine.reset();
    await machine.exec(STAND_INS);
    describeReplacement(update.configFile, "walnut", await changeHostKey(machine));
    await up();
    await passes("validate", "--failures");
    for (const name of ["maple", "spruce", "walnut"]) assert.equal(await healthyMembers(name), 3);
    const value = ["get", "configmap", "before", "-o", "jsonpath={.data.found}"];
    assert.equal(await lab.kubectl(...value), "again");
  });

  it("are left alone by another `up`", async () => {
    const ran = await update.up({ expectNoChanges: true });
    assert.equal(ran.ok, true, ran.output);
  });

  it("answer at that address where the controller dies, and their kubelets go on", async () => {
    const { lab, rig } = getReal();
    await rig.machine("maple").powerOff();
    const died = performance.now();
    const keep = ["create", "configmap", "keepsake", "--from-literal=found=again"];
    await waitFor(
      "an object that can be written",
      () => lab.kubectl("--request-timeout=2s", ...keep).then(() => true),
      MINUTE,
    );
    const took = performance.now() - died;
    console.log(`      the API server took objects again ${(took / 1000).toFixed(1)} s after it`);
    const pods = ["hazel", "spruce"].map((machine) => ({
      ...{ namespace: "default", name: `on-${machine}`, machine, labels: {} },
    }));
    assert.equal((await startPods(lab.objects, pods)).size, 2);
    const judged = await update.verb(["validate", "--failures"]);
    assert.notEqual(judged.code, 0, "a dead control plane is no healthy cluster");
    assert.match(judged.output, /maple/);
  });

  it("have another controller by `vmstation takeover` and an `up`", async () => {
    const { lab, rig } = getReal();
    const said = await passes("takeover", "spruce", "--yes");
    assert.match(said, /spruce is now the controller in place of maple/);
    await up();
    await passes("validate", "--failures");
    await lab.kubectl("delete", "pod", "on-hazel", "on-spruce");
    await ignoreLoad(rig.machine("spruce"));
    await passes("hold", "hazel", "--release");
    await passes("sleep", "hazel");
    assert.equal(rig.machine("hazel").state, "asleep");
    await passes("wake", "hazel");
    assert.equal(rig.machine("hazel").state, "on");
  });
});
