import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { renderSettings } from "../../components/validation/render-settings";
import { PROBLEMS } from "../../scripts/verbs/remedy/problems";
import { OperationsLab } from "../scripts/operations/lab";
import { waitFor } from "../rig/wait";
import { homelabSite } from "../support/site";
import { DENY, image, OBJECTS } from "./operations-objects";
import { addNodes, putToSleep, waitForNode, wakeUp } from "./nodes";
import { RemedyRuns } from "./remedy-runs";
import type { TestCluster } from "./test-cluster";
import { toolPath } from "./tools";
import { useCluster } from "./use-cluster";

const CHECKS = path.join(__dirname, "../../components/validation/files/checks");
const MACHINES = [
  {
    name: "maple",
    address: "10.1.0.1",
    taints: ["node-role.kubernetes.io/control-plane:NoSchedule"],
  },
  { name: "hazel", address: "10.1.0.2" },
  { name: "spruce", address: "10.1.0.3" },
];

const report = z.object({
  checks: z.array(
    z.object({ group: z.string(), name: z.string(), status: z.string(), found: z.string() }),
  ),
});

describe("the operator's verbs and a real API server", function () {
  this.timeout(120_000);
  const getCluster = useCluster();
  let cluster: TestCluster;
  let lab: OperationsLab;
  let remedies: RemedyRuns;
  /** Where the suite was left out, nothing was begun. */
  let end = (): void => undefined;

  before(async () => {
    cluster = getCluster();
    await addNodes(cluster, MACHINES);
    for (const object of OBJECTS) await create(object);
    lab = new OperationsLab();
    end = () => {
      lab.remove();
    };
    remedies = new RemedyRuns(cluster, lab);
    lab.write(
      "bin/kubectl",
      `#!/bin/sh\nshift\nexec '${toolPath("kubectl")}' --kubeconfig='${cluster.kubeconfig}' "$@"\n`,
      0o755,
    );
    lab.answer(
      "maple",
      `sed -e "s|/run/vmstation|$BOX/vmstation|g" -e "s|/usr/local/sbin|$BOX/bin|g" | HOME="$BOX" PATH="$BOX/bin:$PATH" exec sh -eus`,
    );
    const site = homelabSite();
    const settings = renderSettings(site.config.validation, {
      ...{ machines: site.machines, lan: site.config.lan, clusterDns: site.clusterDns },
      encapsulation: site.config.network.encapsulation,
      daemonSets: site.daemonSets,
      namespaces: ["default"],
    });
    lab.write("settings.json", settings);
    const entry = `exec python3 -B '${CHECKS}' "$@" --settings '${lab.at("settings.json")}'`;
    lab.write("bin/vmstation-validate", `#!/bin/sh\n${entry}\n`, 0o755);
    await cluster.kubectl(["create", "-f", "-"], { input: JSON.stringify(DENY) });
    await settle();
  });
  after(() => {
    end();
  });

  async function create(object: object): Promise<void> {
    await cluster.kubectl(["create", "-f", "-"], { input: JSON.stringify(object) });
  }

  /** Until the controllers have made every pod and it is Ready: kwok is late where the host is busy. */
  async function settle(): Promise<void> {
    let found: string[] = [];
    const isWell = async (): Promise<boolean> => {
      found = await failures("cluster", "pods", "services");
      return found.length === 0;
    };
    await waitFor("every check to pass", isWell, 60_000).catch((error: unknown) => {
      throw new Error(`Not every check came to pass: ${found.join("; ")}`, { cause: error });
    });
  }

  /** "GROUP: NAME: FOUND" of what does not pass, as the checks on the control plane would see it. */
  async function failures(...groups: string[]): Promise<string[]> {
    const words = [...groups, "--json", "--settings", lab.at("settings.json")];
    const text = await python([CHECKS, ...words]);
    return report
      .parse(JSON.parse(text))
      .checks.filter(({ status }) => status !== "pass")
      .map(({ group, name, found }) => `${group}: ${name}: ${found}`);
  }

  function python(words: readonly string[]): Promise<string> {
    const env = { ...process.env, PATH: `${lab.at("bin")}:${process.env.PATH ?? ""}` };
    const child = spawn("python3", ["-B", ...words], { env, stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
    return new Promise((resolve) => {
      child.on("close", () => {
        resolve(text);
      });
    });
  }

  const remedy = (problem: string, ...target: string[]) => remedies.run(problem, ...target);

  const podOf = async (app: string): Promise<{ name: string; uid: string }> => {
    const pods = await cluster.api.list(
      `/api/v1/namespaces/default/pods?labelSelector=app%3D${app}`,
    );
    const shape = z.object({ metadata: z.object({ name: z.string(), uid: z.string() }) });
    return shape.parse(pods[0]).metadata;
  };

  /** kwok reports pods as well; this says of one what a kubelet would. */
  async function tellStatus(namespace: string, name: string, status: object): Promise<void> {
    await cluster.api.merge(`/api/v1/namespaces/${namespace}/pods/${name}/status`, { status });
  }

  it("find nothing wrong with a healthy cluster", async () => {
    assert.deepEqual(await failures("cluster", "pods", "services", "nodes"), []);
    assert.deepEqual(
      (await failures("network")).filter((each) => each.includes("policies")),
      [],
    );
  });

  it("delete no pod that took another's name", async () => {
    const uid = "00000000-0000-0000-0000-000000000000";
    const { name } = await podOf("web");
    const code = `import sys; sys.path[:0] = [${[
      path.join(__dirname, "../../scripts/verbs/remedy/files"),
      CHECKS,
    ]
      .map((folder) => JSON.stringify(folder))
      .join(", ")}]
import world
try:
    world.World().delete("/api/v1/namespaces/default/pods/${name}", "${uid}")
except world.Failed as failed:
    print(failed)
`;
    assert.match(
      await python(["-c", code]),
      /^Error from server \(Conflict\): .* the UID in the precondition/,
    );
    assert.equal((await podOf("web")).name, name);
  });

  it("delete what is left of an evicted pod, and nothing else", async () => {
    await create({
      ...{ apiVersion: "v1", kind: "Pod" },
      // kwok leaves it alone: it would let the pod run after it was evicted.
      metadata: {
        ...{ name: "gone", namespace: "default" },
        annotations: { "test.vmstation.io/stuck": "" },
      },
      spec: { nodeName: "hazel", containers: [{ name: "main", image }] },
    });
    await tellStatus("default", "gone", {
      phase: "Failed",
      reason: "Evicted",
      message: "low on memory",
    });
    const { code, actions } = await remedy("evicted-pods");
    assert.deepEqual([code, actions.length], [0, 1]);
    const answer = await cluster.api.send("GET", "/api/v1/namespaces/default/pods/gone");
    assert.equal(answer.status, 404);
  });

  it("run a failed job again as it was written", async () => {
    const spec = { restartPolicy: "Never", containers: [{ name: "main", image }] };
    await create({
      ...{
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name: "import", namespace: "default" },
      },
      // Its deadline is over before kwok can call it done.
      spec: { activeDeadlineSeconds: 1, suspend: true, template: { spec } },
    });
    const at = "/apis/batch/v1/namespaces/default/jobs/import";
    const shape = z.object({ metadata: z.object({ uid: z.string() }), spec: z.looseObject({}) });
    const before = shape.parse(await cluster.api.get(at));
    const now = new Date().toISOString().replace(/\.\d+/, "");
    const condition = (type: string) => ({
      type,
      status: "True",
      reason: "DeadlineExceeded",
      lastTransitionTime: now,
    });
    await cluster.api.merge(`${at}/status`, {
      status: { startTime: now, conditions: [condition("FailureTarget"), condition("Failed")] },
    });
    const { code, results } = await remedy("failed-jobs", "default/import");
    assert.deepEqual([code, results.map(({ why }) => why)], [0, [""]]);
    const after = shape.parse(await cluster.api.get(at));
    assert.notEqual(after.metadata.uid, before.metadata.uid);
    assert.equal(after.spec.activeDeadlineSeconds, 1);
    await cluster.api.call("DELETE", `${at}?propagationPolicy=Background`);
  });

  it("restart the cluster's DNS and wait until it is there again", async () => {
    assert.equal((await remedy("coredns")).code, 0);
    assert.deepEqual(await failures("cluster"), []);
  });

  it("restart Calico on awake machines only, and find a machine that is away without leave", async () => {
    await putToSleep(cluster, "spruce");
    assert.match((await failures("cluster")).join("\n"), /spruce is not Ready/);
    const asleep = { metadata: { labels: { "vmstation.io/power-state": "asleep" } } };
    await cluster.api.merge("/api/v1/nodes/spruce", asleep);
    await settle();
    const { code, actions } = await remedy("cni");
    assert.equal(code, 0);
    assert.deepEqual(
      actions.map(({ does }) => /on (\w+),/.exec(does)?.[1]),
      ["hazel", "maple"],
    );
    await wakeUp(cluster, "spruce");
  });

  it("wait until a machine is Ready whose kubelet was restarted", async () => {
    await putToSleep(cluster, "hazel");
    // As its kubelet does when it starts.
    lab.answer("hazel", `: >"$BOX/restarted"`);
    const mended = waitFor("the restart", () =>
      Promise.resolve(fs.existsSync(lab.at("restarted"))),
    ).then(() => wakeUp(cluster, "hazel"));
    const { code, results } = await remedy("not-ready-node", "hazel");
    await mended;
    assert.deepEqual([code, results], [0, [{ id: "node/hazel", done: true, why: "" }]]);
    await waitForNode(cluster, "hazel", "True");
  });

  it("find a claim that waits, and a Service with nothing behind it", async () => {
    await create({
      ...{
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "data", namespace: "default" },
      },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "none",
        resources: { requests: { storage: "1Gi" } },
      },
    });
    await create({
      ...{ apiVersion: "v1", kind: "Service", metadata: { name: "empty", namespace: "default" } },
      spec: { selector: { app: "nobody" }, ports: [{ port: 80 }] },
    });
    const found = await failures("storage", "services");
    assert.ok(found.includes("storage: claims: default/data is Pending"), found.join("\n"));
    assert.ok(found.includes("services: endpoints: default/empty"), found.join("\n"));
  });

  it("find a namespace that does not deny by default", async () => {
    await cluster.kubectl(["-n", "default", "delete", "networkpolicy", "deny"]);
    const found = await failures("network");
    assert.ok(found.includes("network: policies: default has no default deny"), found.join("\n"));
  });

  it("have mended each problem that remedy lists, but for what only real containers have", () => {
    const names = PROBLEMS.map(({ name }) => name).filter((name) => name !== "crash-loops");
    assert.deepEqual(remedies.mended, new Set(names));
  });
});
