import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";
import { charts } from "../../components/versions";
import type { TestCluster } from "../cluster/test-cluster";
import type { Machine } from "../rig/machine";
import { addChart, CHECKS, type ClusterLab } from "./cluster-lab";
import type { Update, UpdateOptions } from "./engine-lab";
import { waitFor } from "../rig/wait";
import { useClusterLab } from "./use-cluster-lab";

const DATA = "/srv/monitoring_data/prometheus/a-sample";
const listed = z.array(z.object({ name: z.string(), status: z.string(), revision: z.string() }));
const kubeconfigSchema = z.object({
  users: z.array(z.object({ user: z.object({ token: z.string() }) })),
});

// Each test goes on from what the one before has left, as an owner does.
describe("the whole stack, by Pulumi's engine", () => {
  const getLab = useClusterLab();
  let lab: ClusterLab;
  let cluster: TestCluster;
  let control: Machine;
  let existing: Set<string>;

  const up = async (options: UpdateOptions = {}): Promise<Update> => {
    const update = await lab.up(options);
    assert.ok(update.ok, update.output);
    return update;
  };

  /** Each release's state, by name. */
  const releases = async (): Promise<Map<string, z.infer<typeof listed>[number]>> => {
    const { stdout } = await cluster.helm(["list", "--all", "-n", "monitoring", "-o", "json"]);
    return new Map(listed.parse(JSON.parse(stdout)).map((each) => [each.name, each]));
  };

  const revision = async (name: string): Promise<number> =>
    Number((await releases()).get(name)?.revision);

  before(() => {
    lab = getLab();
    ({ cluster } = lab);
    control = lab.rig.machine("maple");
    existing = new Set(readdirSync("/tmp"));
  });

  it("is previewed whole while there is no cluster, and nobody is asked", async () => {
    const preview = await lab.preview();
    assert.ok(preview.ok, preview.output);
    const names = preview.names("create");
    for (const name of ["bootstrap-run", "kubernetes", "monitoring-loki", "apps-jellyfin-server"])
      assert.ok(names.includes(name), `${name} of ${names.join()}`);
    assert.deepEqual(lab.rig.magicPackets, []);
    assert.deepEqual(await releases(), new Map());
  });

  it("comes up from bare machines to releases and apps, in one update", async () => {
    const update = await up();
    assert.ok(update.names("create").includes("validation-checks-maple"), update.output);
    assert.deepEqual(await lab.playbooks(), ["cluster.yml"]);
    for (const { name, status } of (await releases()).values())
      assert.equal(status, "deployed", name);
    assert.ok((await releases()).size >= 5);
    // Its claims may be bound a moment after the update's end.
    await waitFor("Jellyfin's pod is on the machine of its films", async () => {
      const pods = await cluster.api.list("/api/v1/namespaces/jellyfin/pods");
      return JSON.stringify(pods).includes('"nodeName":"spruce"');
    });
  });

  it("is not changed by a second update, nor is a change announced", async () => {
    await up({ expectNoChanges: true });
    const preview = await lab.preview({ expectNoChanges: true });
    assert.ok(preview.ok, preview.output);
    assert.deepEqual(await lab.playbooks(), []);
  });

  it("changes the one release that a value belongs to", async () => {
    lab.set("monitoring.alloy.resources.limits.memory=300Mi");
    const before = await releases();
    const update = await up();
    assert.deepEqual(update.names("update"), ["monitoring-alloy"]);
    assert.deepEqual(update.names("create", "delete", "replace"), []);
    assert.equal(await revision("alloy"), Number(before.get("alloy")?.revision) + 1);
    await up({ expectNoChanges: true });
  });

  it("is converged but for the release that fails, which the next update mends", async () => {
    await addChart(lab.charts, charts.loki, { stuck: true });
    lab.set("monitoring.loki.retention=72h", "monitoring.grafana.resources.limits.memory=600Mi");
    lab.set("monitoring.blackbox.resources.limits.memory=80Mi");
    const before = [await revision("kube-prometheus-stack"), await revision("blackbox-exporter")];
    const update = await lab.up();
    assert.equal(update.ok, false);
    assert.deepEqual(update.failed, ["monitoring-loki"], update.output);
    const after = [await revision("kube-prometheus-stack"), await revision("blackbox-exporter")];
    assert.deepEqual(
      after,
      before.map((each) => each + 1),
    );
    // It is undone: the revision before it runs again.
    assert.equal((await releases()).get("loki")?.status, "deployed");
    await addChart(lab.charts, charts.loki);
    const mended = await up();
    assert.ok(mended.names("update").includes("monitoring-loki"), mended.output);
    await up({ expectNoChanges: true });
  });

  it("stays right after a refresh: nothing is erased, nothing to do", async () => {
    const refresh = await lab.refresh();
    assert.ok(refresh.ok, refresh.output);
    await up({ expectNoChanges: true });
  });

  it("keeps its secrets out of the state, and leaves no kubeconfig behind", () => {
    const config: unknown = JSON.parse(readFileSync(cluster.kubeconfig, "utf8"));
    const token = kubeconfigSchema.parse(config).users[0]?.user.token ?? "";
    assert.ok(token.length > 16);
    const state = lab.stateText;
    assert.ok(state.includes("monitoring-loki"));
    assert.ok(!state.includes(token));
    const password = Buffer.from("admin-password").toString("base64");
    assert.ok(!state.includes(password));
    // The provider leaves some in the folder that it is given, which scripts/kit/private-folder.ts removes.
    const left = readdirSync("/tmp").filter((file) => !existing.has(file));
    assert.deepEqual(
      left.filter((file) => /kubeconfig/i.test(file)),
      [],
    );
  });

  it("leaves, destroyed, the cluster and all data where they are", async () => {
    await control.exec(`echo 42 >${DATA}`);
    const destroy = await lab.destroy();
    assert.ok(destroy.ok, destroy.output);
    assert.ok(!destroy.names("delete").includes(CHECKS));
    assert.deepEqual(await releases(), new Map());
    assert.equal((await control.exec(`cat ${DATA}`)).stdout, "42\n");
    const storage = lab.rig.machine("spruce");
    assert.equal((await storage.exec("cat /srv/media/film")).stdout, "film\n");
    const nodes = (await cluster.api.list("/api/v1/nodes")).map(({ metadata }) => metadata.name);
    assert.deepEqual(nodes, ["hazel", "maple", "spruce"]);
    for (const machine of lab.rig.machines) {
      const { stdout } = await machine.exec(
        "ls /etc/sysctl.d /etc/systemd/system; nft list tables",
      );
      assert.doesNotMatch(stdout, /vmstation/, machine.name);
    }
  });
});
