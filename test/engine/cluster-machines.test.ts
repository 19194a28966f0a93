import assert from "node:assert/strict";
import type { TestCluster } from "../cluster/test-cluster";
import type { Machine } from "../rig/machine";
import { parseEvent } from "../../scripts/kit/pulumi/follow/events";
import { RunModel } from "../../scripts/kit/pulumi/follow/run-model";
import type { ClusterLab } from "./cluster-lab";
import type { Update, UpdateOptions } from "./engine-lab";
import { useClusterLab } from "./use-cluster-lab";

const TWO = { machines: ["maple", "spruce"] };
const TREE = { extraPackages: ["tree"] };

// Each test goes on from what the one before has left, as an owner does.
describe("machines of a running cluster, by Pulumi's engine", () => {
  const getLab = useClusterLab(TWO);
  let lab: ClusterLab;
  let cluster: TestCluster;
  let worker: Machine;
  let storage: Machine;

  const up = async (options: UpdateOptions = {}): Promise<Update> => {
    const update = await lab.up(options);
    assert.ok(update.ok, update.output);
    return update;
  };

  const nodes = async (): Promise<string[]> =>
    (await cluster.api.list("/api/v1/nodes")).map(({ metadata }) => metadata.name).sort();

  const isOf = (name: string): boolean => name.includes("-hazel");

  before(() => {
    lab = getLab();
    ({ cluster } = lab);
    worker = lab.rig.machine("hazel");
    storage = lab.rig.machine("spruce");
  });

  it("join when they are added, and nothing of the others is made again", async () => {
    await up();
    assert.deepEqual(await nodes(), TWO.machines);
    await lab.playbooks();
    lab.describe({});
    const update = await up();
    assert.ok(update.names("create").includes("node-hazel-ready"), update.output);
    assert.deepEqual(
      update.names("create").filter((name) => !isOf(name)),
      [],
    );
    assert.deepEqual(update.names("delete", "replace"), []);
    assert.deepEqual(await lab.playbooks(), ["playbooks/facts.yml", "scale.yml"]);
    assert.deepEqual(await nodes(), ["hazel", ...TWO.machines]);
    await up({ expectNoChanges: true });
  });

  it("are woken where there is work, the other sleeps on; a preview wakes none", async () => {
    await Promise.all([worker.freeze(), storage.freeze()]);
    const before = lab.rig.magicPackets.length;
    lab.describe({ changes: { hazel: TREE } });
    const preview = await lab.preview();
    assert.ok(preview.ok, preview.output);
    assert.equal(lab.rig.magicPackets.length, before);
    const update = await up();
    assert.deepEqual(update.names("update"), ["node-hazel-system", "preflight-hazel"]);
    const woken = new Set(lab.rig.magicPackets.slice(before).map(({ mac }) => mac));
    assert.deepEqual([...woken], [worker.mac.toLowerCase()]);
    assert.equal(storage.state, "asleep");
    await storage.thaw();
  });

  it("may be dead while they are offline: nothing of theirs is touched, the rest goes on", async () => {
    await worker.freeze();
    const before = lab.rig.magicPackets.length;
    lab.describe({ changes: { hazel: { ...TREE, offline: true } } });
    lab.set("lan.timeZone=Europe/Berlin");
    const update = await up();
    assert.deepEqual(update.names("create", "update", "delete", "replace").filter(isOf), []);
    assert.ok(update.names("update").includes("node-spruce-system"), update.output);
    assert.equal(lab.rig.magicPackets.slice(before).length, 0);
    assert.deepEqual(await nodes(), ["hazel", ...TWO.machines]);
    await worker.thaw();
    lab.describe({ changes: { hazel: TREE } });
    const back = await up();
    assert.ok(back.names("update").includes("node-hazel-system"), back.output);
    await up({ expectNoChanges: true });
  });

  it("fail one by one: the person is told of that step alone, and what to do", async () => {
    const unknown = { extraPackages: ["tree", "no-such-package"] };
    lab.describe({ changes: { hazel: unknown } });
    const update = await lab.up();
    assert.equal(update.ok, false);
    const model = new RunModel();
    for (const event of update.events) {
      const parsed = parseEvent(JSON.stringify(event));
      if (parsed !== undefined) model.apply(parsed, 0);
    }
    const failures = [...model.failures.values()];
    assert.deepEqual(
      failures.map(({ name }) => name),
      ["node-hazel-system"],
      update.output,
    );
    assert.match(failures[0]?.cause ?? "", /Unable to locate package no-such-package/);
    lab.describe({ changes: { hazel: TREE } });
    await up();
  });

  it("leave the cluster when they are removed, and are as their owner had them", async () => {
    await lab.playbooks();
    lab.describe({ ...TWO, bootstrap: { allowRemoval: true } });
    const update = await up();
    assert.deepEqual(
      update.names("delete").filter((name) => !isOf(name)),
      [],
    );
    assert.deepEqual(await nodes(), TWO.machines);
    assert.deepEqual(await lab.playbooks(), ["remove-node.yml"]);
    const { stdout } = await worker.exec("ls /etc/sysctl.d; nft list tables");
    assert.doesNotMatch(stdout, /vmstation/);
    await up({ expectNoChanges: true });
  });
});
