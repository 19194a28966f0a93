import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmdirSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { kubernetes } from "../../components/versions";
import { waitFor } from "../rig/wait";
import { conditionOf } from "./kube-object";
import { removeLeftovers } from "./leftovers";
import { addNodes, putToSleep, wakeUp } from "./nodes";
import { TestCluster } from "./test-cluster";
import { requireTools, useCluster } from "./use-cluster";

const MACHINES = [
  {
    name: "always-on",
    address: "10.1.0.1",
    taints: ["node-role.kubernetes.io/control-plane:NoSchedule"],
  },
  { name: "sleeper", address: "10.1.0.2", labels: { "vmstation.io/role": "compute" } },
];

/** A pod that goes where it is told to, or anywhere. */
function pod(name: string, spec: object = {}): object {
  const containers = [{ name: "it", image: "registry.invalid/it" }];
  return { apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers, ...spec } };
}

/** Processes whose working folder is `folder`, which those of a cluster have. */
function processesIn(folder: string): string[] {
  return readdirSync("/proc").filter((id) => {
    try {
      return /^\d+$/.test(id) && readlinkSync(`/proc/${id}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
}

describe("a test cluster", () => {
  const getCluster = useCluster();
  const pods = "/api/v1/namespaces/default/pods";

  before(async () => {
    await addNodes(getCluster(), MACHINES);
  });

  it("is of the pinned version", async () => {
    const { stdout } = await getCluster().kubectl(["version", "--output", "json"]);
    const version = z.object({ gitVersion: z.string() });
    const { clientVersion, serverVersion } = z
      .object({ clientVersion: version, serverVersion: version })
      .parse(JSON.parse(stdout));
    const pinned = { gitVersion: `v${kubernetes.version}` };
    assert.deepEqual(
      { clientVersion, serverVersion },
      { clientVersion: pinned, serverVersion: pinned },
    );
  });

  it("runs pods on machines that take them, with an address of the pods' network", async () => {
    await getCluster().api.call("POST", pods, pod("anywhere"));
    const found = await waitFor("the pod to be Ready", async () => {
      const object = await getCluster().api.get(`${pods}/anywhere`);
      return conditionOf(object, "Ready") === "True" && object;
    });
    const placed = z.object({
      spec: z.object({ nodeName: z.string() }),
      status: z.object({ hostIP: z.string(), podIP: z.string() }),
    });
    const { spec, status } = placed.parse(found);
    assert.deepEqual([spec.nodeName, status.hostIP], ["sleeper", "10.1.0.2"]);
    assert.match(status.podIP, /^10\.244\./);
  });

  it("lets no pod onto a machine with a taint that it does not tolerate", async () => {
    await getCluster().api.call(
      "POST",
      pods,
      pod("homesick", { nodeSelector: { "kubernetes.io/hostname": "always-on" } }),
    );
    await waitFor("the scheduler's verdict", async () => {
      const object = await getCluster().api.get(`${pods}/homesick`);
      return conditionOf(object, "PodScheduled") === "False";
    });
  });

  it("notices a machine that falls asleep, and one that wakes, as the node controller does", async () => {
    await putToSleep(getCluster(), "sleeper");
    const taints = z.object({ spec: z.object({ taints: z.array(z.object({ key: z.string() })) }) });
    await waitFor("the taint of an unreachable machine", async () => {
      const { data } = taints.safeParse(await getCluster().api.get("/api/v1/nodes/sleeper"));
      return data?.spec.taints.some(({ key }) => key === "node.kubernetes.io/unreachable");
    });
    await waitFor("its pod to be unready", async () => {
      return conditionOf(await getCluster().api.get(`${pods}/anywhere`), "Ready") === "False";
    });
    await wakeUp(getCluster(), "sleeper");
    assert.equal(conditionOf(await getCluster().api.get(`${pods}/anywhere`), "Ready"), "True");
  });

  it("knows a service account by its token, and gives it no rights of its own", async () => {
    const { stdout } = await getCluster().kubectl(["create", "token", "default"]);
    const client = getCluster().login(stdout.trim());
    const answer = await client.send("GET", pods);
    client.close();
    assert.equal(answer.status, 403);
    assert.match(JSON.stringify(answer.body), /system:serviceaccount:default:default/);
  });

  it("refuses a misspelt field", async () => {
    const object = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "misspelt", namespace: "default" },
      dada: {},
    };
    await assert.rejects(getCluster().api.apply(object), /ConfigMap default\/misspelt: .*dada/);
  });

  it("tells of what is deprecated", async () => {
    const object = {
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { name: "old", namespace: "default" },
    };
    const warnings = await getCluster().api.apply(object);
    assert.match(warnings.join(), /^v1 Endpoints default\/old: .*deprecated/);
  });
});

describe("what a test cluster leaves behind", () => {
  before(function () {
    requireTools(this);
  });

  it("is nothing once it has stopped", async () => {
    const cluster = await TestCluster.start();
    assert.equal(processesIn(cluster.folder).length, 5);
    await cluster.stop();
    assert.deepEqual(processesIn(cluster.folder), []);
    assert.ok(!existsSync(cluster.folder));
  });

  it("is nothing when it does not come up", async () => {
    const temporary = mkdtempSync(path.join(tmpdir(), "vmstation-failing-"));
    const before = process.env.TMPDIR;
    process.env.TMPDIR = temporary;
    try {
      const start = TestCluster.start({ serviceCidr: "no network" });
      await assert.rejects(start, /^Error: kube-apiserver ended:[^]*not a valid cidr/);
      assert.deepEqual(readdirSync(temporary), []);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      rmdirSync(temporary);
    }
  });

  it("is a folder that the next run removes, when the run was killed", async () => {
    const script = `require(${JSON.stringify(path.join(__dirname, "test-cluster"))}).TestCluster.start()
      .then((cluster) => { console.log(cluster.folder); setInterval(() => {}, 1e6); })`;
    const run = spawn(process.execPath, ["--require", "tsx/cjs", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const folder = await new Promise<string>((resolve) =>
      createInterface(run.stdout).once("line", resolve),
    );
    assert.equal(processesIn(folder).length, 5);
    run.kill("SIGKILL");
    await once(run, "exit");
    await waitFor("the kernel to end them", () =>
      Promise.resolve(processesIn(folder).length === 0),
    );
    const old = new Date(Date.now() - 3_600_000);
    utimesSync(folder, old, old);
    const living = await TestCluster.start();
    utimesSync(living.folder, old, old);
    const removed = await removeLeftovers();
    assert.ok(removed.includes(folder));
    assert.ok(!removed.includes(living.folder), "a cluster that is on is left alone");
    await living.stop();
  });
});
