import assert from "node:assert/strict";
import * as fs from "node:fs";
import { PROBLEMS } from "../../../scripts/verbs/remedy/problems";
import { OperationsLab } from "../operations/lab";
import { node, planDocument, pod, StandInCluster } from "./cluster";

const JOB = {
  metadata: {
    ...{ name: "import", namespace: "default", uid: "uid-import", resourceVersion: "5" },
    labels: { app: "import", "batch.kubernetes.io/controller-uid": "u" },
  },
  spec: {
    backoffLimit: 2,
    selector: { matchLabels: { "batch.kubernetes.io/controller-uid": "u" } },
    template: {
      metadata: { labels: { app: "import", "controller-uid": "u", "job-name": "import" } },
      spec: { restartPolicy: "Never" },
    },
  },
  status: { conditions: [{ type: "Failed", status: "True" }] },
};

/** The Job as it is made again: nothing of the controller's is left in it. */
const AGAIN = {
  ...{ apiVersion: "batch/v1", kind: "Job" },
  metadata: { name: "import", namespace: "default", labels: { app: "import" } },
  spec: {
    backoffLimit: 2,
    template: { metadata: { labels: { app: "import" } }, spec: { restartPolicy: "Never" } },
  },
};

const deletion = (path: string, uid: string): string[] => [
  `delete --raw ${path} -f -`,
  JSON.stringify({
    ...{ kind: "DeleteOptions", apiVersion: "v1" },
    ...{ preconditions: { uid }, propagationPolicy: "Background" },
  }).replaceAll(/([:,])(?=["{])/g, "$1 "),
];

describe("vmstation remedy", () => {
  let lab: OperationsLab;
  let cluster: StandInCluster;
  beforeEach(() => {
    lab = new OperationsLab();
    cluster = new StandInCluster(lab);
  });
  afterEach(() => {
    lab.remove();
  });

  const remedy = async (problem: string, ...target: string[]) => {
    const words = [problem, ...target, "--json", "--yes"];
    const { code, stdout, stderr } = await lab.run("remedy", ...words);
    assert.notEqual(stdout, "", stderr);
    return { code, ...planDocument.parse(JSON.parse(stdout)) };
  };

  it("alone lists the problems, and asks no machine", async () => {
    const { code, stdout } = await lab.run("remedy");
    assert.equal(code, 0);
    assert.deepEqual(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(" ")[0]),
      PROBLEMS.map(({ name }) => name),
    );
    assert.deepEqual(lab.sessions(), []);
  });

  describe("of pods that crash", () => {
    beforeEach(() => {
      cluster.has(
        "pods",
        pod("well", { owner: "ReplicaSet" }),
        pod("web", { owner: "ReplicaSet", looping: true }),
        pod("api", { owner: "ReplicaSet", restarted: true }),
        pod("bare", { looping: true }),
        pod("etcd-maple", { namespace: "kube-system", owner: "Node", looping: true }),
        pod("away", { machine: "spruce", owner: "ReplicaSet", looping: true }),
      );
      const asleep = { "vmstation.io/power-state": "asleep" };
      cluster.has("nodes", node("hazel", "True"), node("spruce", "Unknown", asleep));
    });

    it("says what it would do, changes nothing with --dry-run, and leaves nothing behind", async () => {
      const { code, stdout } = await lab.run("remedy", "crash-loops", "--dry-run");
      assert.equal(code, 1, "some are left as they are");
      assert.equal(
        stdout,
        "would delete pod default/web, so that its ReplicaSet starts a new one at once (main restarted 7 times)\n" +
          "would delete pod default/api, so that its ReplicaSet starts a new one at once (main restarted 7 times)\n" +
          "skips pod default/bare: nothing creates it again after it is deleted\n" +
          "skips pod kube-system/etcd-maple: the kubelet runs it from a file on its machine\n",
      );
      assert.deepEqual(cluster.changes(), []);
      assert.deepEqual(
        fs.readdirSync(lab.root).filter((name) => name.startsWith("vmstation")),
        [],
      );
    });

    it("deletes exactly the pods that it showed", async () => {
      const { code, results } = await remedy("crash-loops", "default/web");
      assert.equal(code, 0);
      assert.deepEqual(results, [{ id: "pod/default/web/uid-web", done: true, why: "" }]);
      assert.deepEqual(
        cluster.changes(),
        deletion("/api/v1/namespaces/default/pods/web", "uid-web"),
      );
    });

    it("ends with 1 and the server's words where it fails", async () => {
      cluster.refuses("Operation cannot be fulfilled: the UID in the precondition does not match");
      const { code, results } = await remedy("crash-loops", "default/web");
      assert.equal(code, 1);
      assert.match(results[0]?.why ?? "", /UID in the precondition/);
    });

    it("asks first, and does nothing where nobody is there to say yes", async () => {
      const { code, stderr } = await lab.run("remedy", "crash-loops");
      assert.deepEqual(
        [code, stderr],
        [
          2,
          "This command asks before it changes anything, and stdin is not a terminal: run it again with --yes.\n",
        ],
      );
      assert.deepEqual(cluster.changes(), []);
    });
  });

  it("of evicted pods deletes what is left of them, and no pod that failed otherwise", async () => {
    cluster.has("pods", pod("gone", { owner: "ReplicaSet", evicted: true }), pod("well"));
    const { code, actions } = await remedy("evicted-pods");
    assert.equal(code, 0);
    assert.deepEqual(
      actions.map(({ does, why }) => [does, why]),
      [["delete the evicted pod default/gone", "The node was low on memory"]],
    );
    assert.deepEqual(
      cluster.changes(),
      deletion("/api/v1/namespaces/default/pods/gone", "uid-gone"),
    );
  });

  it("of a failed job runs it again as it was written, once the server would take it", async () => {
    cluster.has("jobs", JOB, { ...JOB, metadata: { ...JOB.metadata, name: "well" }, status: {} });
    const { code, actions } = await remedy("failed-jobs");
    assert.equal(code, 0);
    assert.deepEqual(
      actions.map(({ does }) => does),
      ["run job default/import again"],
    );
    const [tried, trial = "", deleted, , created, again = ""] = cluster.changes();
    assert.deepEqual(
      [tried, deleted, created],
      [
        "create --dry-run=server -f -",
        "delete --raw /apis/batch/v1/namespaces/default/jobs/import -f -",
        "create -f -",
      ],
    );
    assert.deepEqual(JSON.parse(again), AGAIN);
    const tryout = { ...AGAIN, metadata: { ...AGAIN.metadata, name: "import-again" } };
    assert.deepEqual(JSON.parse(trial), tryout);
  });

  it("of a failed job that the server would not take again keeps it", async () => {
    cluster.has("jobs", JOB);
    cluster.refuses("exceeded quota");
    const { code, results } = await remedy("failed-jobs");
    assert.deepEqual([code, results.map(({ why }) => why)], [1, ["exceeded quota"]]);
    assert.equal(cluster.changes()[0], "create --dry-run=server -f -");
    assert.equal(cluster.changes().length, 2);
  });

  it("of a CronJob's failed job deletes it, as the next comes by itself", async () => {
    const ownerReferences = [{ kind: "CronJob", name: "nightly", controller: true }];
    cluster.has("jobs", { ...JOB, metadata: { ...JOB.metadata, ownerReferences } });
    const { code } = await remedy("failed-jobs");
    assert.equal(code, 0);
    assert.deepEqual(
      cluster.changes(),
      deletion("/apis/batch/v1/namespaces/default/jobs/import", "uid-import"),
    );
  });

  describe("of a machine that is not Ready", () => {
    beforeEach(() => {
      const asleep = { "vmstation.io/power-state": "asleep" };
      cluster.has(
        "nodes",
        node("maple", "True"),
        node("hazel", "Unknown"),
        node("spruce", "Unknown", asleep),
      );
    });

    it("restarts the kubelet there, waits until it is Ready, and leaves one alone that sleeps", async () => {
      const { code, results, refusals } = await remedy("not-ready-node");
      assert.equal(code, 1);
      assert.deepEqual(results, [{ id: "node/hazel", done: true, why: "" }]);
      assert.match(refusals[0]?.why ?? "", /asleep; to wake it: vmstation wake/);
      assert.match(lab.read("hazel/asked"), /systemctl restart "\$unit"/);
      assert.deepEqual(cluster.changes(), ["wait --for=condition=Ready node/hazel --timeout=180s"]);
    });

    it("waits for nothing where the machine does not answer", async () => {
      lab.silence("hazel");
      const { code, results } = await remedy("not-ready-node", "hazel");
      assert.equal(code, 1);
      assert.match(results[0]?.why ?? "", /^asleep/);
      assert.deepEqual(cluster.changes(), []);
    });
  });

  it("of DNS restarts its Deployment and waits for it", async () => {
    cluster.has("deployments", { metadata: { name: "coredns", namespace: "kube-system" } });
    assert.equal((await remedy("coredns")).code, 0);
    assert.deepEqual(cluster.changes(), [
      "-n kube-system rollout restart deployment/coredns",
      "-n kube-system rollout status deployment/coredns --timeout=180s",
    ]);
  });

  it("of the CNI says so where there is none", async () => {
    const { code, stderr } = await lab.run("remedy", "cni", "hazel", "--yes");
    assert.equal(code, 2);
    assert.equal(stderr, "maple: there is no pod of Calico on hazel\n");
  });

  it("does nothing where nothing is wrong", async () => {
    const { code, stdout } = await lab.run("remedy", "crash-loops");
    assert.deepEqual([code, stdout], [0, "nothing to repair\n"]);
  });

  it("refuses what it has no remedy for, and a target that there is not", async () => {
    const unknown = await lab.run("remedy", "crashloops");
    assert.match(unknown.stderr, /'crashloops' is invalid .* Allowed choices are crash-loops, /);
    assert.match((await lab.run("remedy", "coredns", "x")).stderr, /takes no target/);
    assert.match((await lab.run("remedy", "cni", "x")).stderr, /no machine x/);
    assert.deepEqual(lab.sessions(), []);
  });
});
