import assert from "node:assert/strict";
import { z } from "zod";
import { useRig } from "../use-rig";
import { BootstrapLab, explain, packageIndex, type Received } from "./lab";
import type { UpResult } from "./up-process";

const ALL = ["hazel", "maple", "spruce"];
const BEGINNING = { machines: ["maple", "spruce"] };
const OLD = "1.34.7";

/** What a playbook receives that nothing restricts. */
function whole(playbook: string, hosts: readonly string[], more: Partial<Received> = {}): Received {
  return {
    ...{ playbook, limit: "", tags: ["all"], hosts: [...hosts].sort(), version: OLD },
    ...{ node: "", serial: "", maxPods: 110, ...more },
  };
}

function succeeded(result: UpResult): void {
  assert.equal(result.code, 0, explain(result));
}

// Each test goes on from the cluster that the one before has left, as an owner does.
describe("the cluster by Kubespray, on machines", () => {
  const getRig = useRig();
  let lab: BootstrapLab;

  before(async function () {
    if (packageIndex() === undefined) {
      console.log("    pending: Ansible's packages could not be fetched");
      this.skip();
    }
    lab = new BootstrapLab(getRig());
    await lab.prepare();
  });

  after(() => {
    lab.remove();
  });

  it("is installed once by cluster.yml, over a connection that is cut and an up that attaches", async () => {
    await lab.hold();
    lab.describe({ ...BEGINNING, bootstrap: { kubernetesVersion: OLD } });
    const first = lab.start();
    await lab.hasBegun();
    await first.says("Begin");
    await lab.controller.cutLink();
    await first.kill();
    await lab.controller.restoreLink();
    assert.equal(await lab.isRunning(), true);

    const second = lab.start();
    await second.says("attaching to kubespray, which is still running");
    await lab.letGo();
    const result = await second.end();
    succeeded(result);
    assert.deepEqual(await lab.received(), [whole("cluster.yml", BEGINNING.machines)]);
    assert.match(result.said, /\d+ % {2}Install the cluster/);
  });

  it("is left alone by the next up, which changes no resource", async () => {
    const result = await lab.up();
    succeeded(result);
    assert.deepEqual([result.names("create"), result.names("update")], [[], []]);
    assert.deepEqual(await lab.received(), []);
  });

  it("names the failed task, its machine and its message, and is continued by the next up", async () => {
    await lab.controller.exec("touch /var/lib/rig/fail");
    const settings = { kubernetesVersion: OLD, maxPods: 90 };
    const failed = await lab.up({ ...BEGINNING, bootstrap: settings });
    assert.deepEqual(failed.names("fail"), ["bootstrap-run"]);
    assert.match(
      explain(failed),
      /host: maple\n\s*play: Begin\n\s*task: rig : Look whether the test wants a failure\n\s*message: non-zero return code/,
    );
    await lab.controller.exec("rm /var/lib/rig/fail");
    succeeded(await lab.up());
    const change = { tags: ["facts", "node"], maxPods: 90 };
    const expected = whole("cluster.yml", BEGINNING.machines, change);
    assert.deepEqual(await lab.received(), [expected, expected]);
  });

  it("takes a worker in by scale.yml, limited to it, once all machines' facts are known", async () => {
    const changes = { hazel: { labels: { "vmstation.io/role": "storage" } } };
    succeeded(await lab.up({ changes, bootstrap: { kubernetesVersion: OLD } }));
    assert.deepEqual(await lab.received(), [
      whole("playbooks/facts.yml", ALL),
      whole("scale.yml", ["hazel"], { limit: "hazel" }),
      whole("cluster.yml", ALL, { tags: ["facts", "node"] }),
    ]);
  });

  it("applies other labels by their tags, and takes those off that nobody wants any more", async () => {
    const labels = { "vmstation.io/role": "compute" };
    succeeded(
      await lab.up({ changes: { hazel: { labels } }, bootstrap: { kubernetesVersion: OLD } }),
    );
    const tags = ["facts", "node-label", "node-taint"];
    assert.deepEqual(await lab.received(), [whole("cluster.yml", ALL, { tags })]);
    const labelsOf = async () => {
      const { stdout } = await lab.controller.exec("kubectl get node hazel -o json");
      return z.object({ metadata: z.object({ labels: z.unknown() }) }).parse(JSON.parse(stdout))
        .metadata.labels;
    };
    assert.deepEqual(await labelsOf(), labels);

    succeeded(await lab.up({ bootstrap: { kubernetesVersion: OLD } }));
    assert.deepEqual(await lab.received(), [whole("cluster.yml", ALL, { tags })]);
    assert.deepEqual(await labelsOf(), {});
  });

  it("is upgraded one machine at a time, after a snapshot of etcd", async () => {
    const settings = { etcdSnapshot: { directory: "/srv/snapshots" } };
    succeeded(await lab.up({ bootstrap: settings }));
    const now = { version: "1.35.4", serial: "1" };
    assert.deepEqual(await lab.received(), [whole("upgrade-cluster.yml", ALL, now)]);
    const { stdout } = await lab.controller.exec("cat /srv/snapshots/*.db");
    assert.equal(stdout, "snapshot\n");
  });

  it("lets no machine go that left the configuration, unless that is allowed", async () => {
    const settings = { etcdSnapshot: { directory: "/srv/snapshots" } };
    const refused = await lab.up({ ...BEGINNING, bootstrap: settings });
    assert.deepEqual(refused.names("fail"), ["bootstrap-run"]);
    assert.match(explain(refused), /hazel left the configuration .*to do: set .*allowRemoval/s);
    assert.deepEqual(await lab.received(), []);

    succeeded(await lab.up({ ...BEGINNING, bootstrap: { ...settings, allowRemoval: true } }));
    assert.deepEqual(await lab.received(), [
      whole("remove-node.yml", ALL, { node: "hazel", version: "1.35.4" }),
    ]);
  });

  it("is refused where the record is gone, and adopted without a run where that is allowed", async () => {
    const settings = { etcdSnapshot: { directory: "/srv/snapshots" }, allowRemoval: true };
    await lab.controller.exec("rm /var/lib/vmstation/bootstrap/recorded.json");
    const refused = await lab.up({ ...BEGINNING, bootstrap: { ...settings, maxPods: 80 } });
    assert.match(explain(refused), /a cluster \(kubespray\) runs here that this stack did not/);
    succeeded(
      await lab.up({ ...BEGINNING, bootstrap: { ...settings, maxPods: 80, existing: "adopt" } }),
    );
    assert.deepEqual(await lab.received(), []);
  });

  it("runs the whole playbook again by a soft reset, with the cluster's name only", async () => {
    const other = await lab.vmstation("reset", "soft", "--yes", "homelab");
    assert.deepEqual([other.code, await lab.received()], [2, []]);
    const again = await lab.vmstation("reset", "soft", "--yes", "rig");
    assert.equal(again.code, 0, again.stderr);
    const now = { version: "1.35.4", maxPods: 80 };
    assert.deepEqual(await lab.received(), [whole("cluster.yml", BEGINNING.machines, now)]);
    const { code, stdout, stderr } = await lab.vmstation("bootstrap", "log", "--lines", "3");
    assert.deepEqual([code, stdout.split("\n").at(-2)], [0, "1 step(s) done"]);
    assert.match(stderr, /^ended with code 0 at 20/m);
  });

  it("says what is due by its own record, and does none of it", async () => {
    lab.describe({ ...BEGINNING, bootstrap: { maxPods: 70 } });
    const { code, stdout, stderr } = await lab.vmstation("bootstrap", "plan", "--json");
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), {
      ...{ version: 1, stack: "rig", machine: "maple", refused: null },
      steps: ["cluster.yml --tags facts,node (settings changed: kubelet)"],
    });
    assert.deepEqual(await lab.received(), []);
    const soft = await lab.vmstation("reset", "soft", "--yes", "rig");
    assert.match(soft.stderr, /not what the last run was about/);
    assert.deepEqual([soft.code, await lab.received()], [1, []]);
  });

  it("is wiped by a hard reset, after a snapshot, and by no other hand", async () => {
    await lab.controller.exec("rm -f /srv/snapshots/*");
    const wiped = await lab.vmstation("reset", "hard", "--yes", "rig", "--keep-state");
    assert.equal(wiped.code, 0, wiped.stderr);
    const now = { version: "1.35.4", maxPods: 80 };
    assert.deepEqual(await lab.received(), [whole("reset.yml", BEGINNING.machines, now)]);
    const { stdout } = await lab.controller.exec(
      "cat /srv/snapshots/*.db; ls -d /etc/kubernetes /var/lib/vmstation/bootstrap/* 2>/dev/null",
      { anyCode: true },
    );
    assert.equal(stdout, "snapshot\n");
    const again = await lab.vmstation("reset", "hard", "--yes", "rig", "--keep-state");
    assert.match(again.stderr, /no cluster of ours is recorded here; nothing is wiped/);
    assert.deepEqual([again.code, await lab.received()], [0, []]);
  });
});
