import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as dgram from "node:dgram";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isSleeper, type Sleeper } from "../../components/power/names";
import { createAccount, renderPod, renderWorkload } from "../rig/power/objects";
import { run } from "../rig/command";
import { waitFor } from "../rig/wait";
import { COMPUTE, JELLYFIN, STORAGE } from "../unit/power/fixtures";
import { addNodes, putToSleep, wakeUp } from "./nodes";
import type { TestCluster } from "./test-cluster";
import { toolPath } from "./tools";
import { useCluster } from "./use-cluster";
import { POWER_MODULES, renderImportPath } from "../support/python";

/** Milliseconds: what a pod that finds no machine may wait for the magic packet. */
const WATCHED = 2000;

describe("the power controller in a real cluster", () => {
  const getCluster = useCluster();
  let cluster: TestCluster;
  let kubeconfig: string;
  let folder: string;
  // One that may move pods away, beside one that may not.
  const evicting: Sleeper[] = [{ ...COMPUTE, power: { ...COMPUTE.power, evict: true } }, STORAGE]
    .filter(isSleeper)
    .map((sleeper) => ({ ...sleeper }));

  /** Runs Python with `kube`, the controller's own client and account; what it prints, or the error's last line. */
  const python = async (code: string): Promise<string> => {
    const script = [
      "import json, sys",
      renderImportPath(POWER_MODULES),
      "from kube import Kube, KubeError",
      `kube = Kube(${JSON.stringify(toolPath("kubectl"))}, ${JSON.stringify(kubeconfig)})`,
      code,
    ].join("\n");
    const env = { PATH: process.env.PATH, HOME: folder };
    const {
      code: exit,
      stdout,
      stderr,
    } = await run("python3", ["-B", "-"], {
      ...{ input: script, env, anyCode: true },
    });
    return exit === 0 ? stdout.trim() : (stderr.trim().split("\n").at(-1) ?? "");
  };

  const jsonPath = async (kind: string, name: string, expression: string): Promise<string> =>
    (await cluster.kubectl(["get", kind, ...name.split(" "), `-o=jsonpath=${expression}`])).stdout;

  before(async function () {
    this.timeout(180_000);
    cluster = getCluster();
    folder = mkdtempSync(path.join(tmpdir(), "power-cluster-"));
    await addNodes(cluster, [
      { name: "compute", address: COMPUTE.address },
      { name: "storage", address: STORAGE.address },
    ]);
    await cluster.kubectl(["create", "namespace", "jellyfin"]);
    await cluster.api.apply(renderWorkload("jellyfin", "jellyfin", "storage"));
    await cluster.api.apply(renderWorkload("other", "jellyfin", "storage"));
    kubeconfig = path.join(folder, "kubeconfig");
    writeFileSync(kubeconfig, await createAccount(cluster, evicting, JELLYFIN), { mode: 0o600 });
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it("cordons and uncordons what is its own, and labels it with its state", async () => {
    await python('kube.cordon(kube.node("compute")); kube.mark("compute", "draining", "idle")');
    assert.equal(await jsonPath("node", "compute", "{.spec.unschedulable}"), "true");
    const label = "{.metadata.labels.vmstation\\.io/power-state}";
    assert.equal(await jsonPath("node", "compute", label), "draining");
    await python('kube.uncordon("compute")');
    assert.equal(await jsonPath("node", "compute", "{.spec.unschedulable}"), "");
  });

  it("leaves the cordon of a person, and yields to anybody who changes the node meanwhile", async () => {
    await cluster.kubectl(["cordon", "compute"]);
    await python('kube.cordon(kube.node("compute")); kube.uncordon("compute")');
    assert.equal(await jsonPath("node", "compute", "{.spec.unschedulable}"), "true");
    await cluster.kubectl(["uncordon", "compute"]);
    const refused = await python(
      'node = kube.node("compute"); kube.mark("compute", "awake", "x"); kube.cordon(node)',
    );
    assert.match(refused, /^kube\.KubeError: kubectl patch: .*the object has been modified/);
    assert.equal(await jsonPath("node", "compute", "{.spec.unschedulable}"), "");
  });

  it("scales the workloads that sleep with a machine, and reads how many there were", async () => {
    const workload = '"jellyfin", "Deployment", "jellyfin"';
    assert.equal(
      await python(`print(kube.replicas(${workload})); kube.scale(${workload}, 0)`),
      "1",
    );
    const gone = async (): Promise<boolean> =>
      (await jsonPath("pods", "-n jellyfin -l app=jellyfin", "{.items[*].metadata.name}")) === "";
    await waitFor("its pod to end", gone);
    await python(`kube.scale(${workload}, 1)`);
    await waitFor("its pod", async () => !(await gone()));
  });

  it("evicts a pod only as far as its disruption budget allows", async () => {
    const web = ["create", "deployment", "web", "--image=example.invalid/web:1"];
    await cluster.kubectl(web);
    const budget = ["create", "pdb", "web", "--selector=app=web", "--min-available=1"];
    await cluster.kubectl(budget);
    const names = (): Promise<string> =>
      jsonPath("pods", "-l app=web", "{.items[*].metadata.name}");
    await waitFor("the budget to count the pod", async () => {
      return (await jsonPath("pdb", "web", "{.status.currentHealthy}")) === "1";
    });
    const pod = await names();
    const refused = await python(`kube.evict("default", ${JSON.stringify(pod)})`);
    assert.match(refused, /^kube\.KubeError: kubectl create: .*disruption budget/);
    assert.equal(await names(), pod);
    await cluster.kubectl(["delete", "pdb", "web"]);
    assert.equal(await python(`kube.evict("default", ${JSON.stringify(pod)})`), "");
    await waitFor("another one in its place", async () => ![pod, ""].includes(await names()));
  });

  it("may do nothing else", async () => {
    const forbidden = [
      ["delete", "pod", "--all"],
      ["get", "secrets", "-A"],
      ["-n", "jellyfin", "scale", "deployment", "other", "--replicas=0"],
      ["-n", "jellyfin", "delete", "deployment", "jellyfin"],
      ["label", "node", "control", "a=b"],
      ["create", "namespace", "mine"],
    ];
    await addNodes(cluster, [{ name: "control", address: "192.168.8.63" }]);
    for (const args of forbidden) {
      const { code, stderr } = await cluster.kubectl(args, { kubeconfig, anyCode: true });
      assert.deepEqual(
        [code, stderr.includes("forbidden")],
        [1, true],
        `${args.join(" ")}: ${stderr}`,
      );
    }
  });

  it("sends a magic packet for a pod that only a sleeping machine can take", async () => {
    await python('kube.cordon(kube.node("storage"))');
    await putToSleep(cluster, "storage");
    const state = path.join(folder, "state");
    mkdirSync(state);
    writeFileSync(path.join(state, "storage.json"), JSON.stringify({ state: "asleep", since: 1 }));
    const receiver = dgram.createSocket("udp4");
    await new Promise<void>((resolve) => receiver.bind(0, "127.0.0.1", resolve));
    const watcher = spawn("python3", ["-B", "-"], {
      stdio: ["pipe", "ignore", "inherit"],
      env: { PATH: process.env.PATH, HOME: folder },
    });
    try {
      const packet = new Promise<Buffer>((resolve) => receiver.once("message", resolve));
      watcher.stdin.end(renderWatcher(receiver.address().port));
      await waitFor("the watch to begin", () => Promise.resolve(hasSocket(watcher.pid)));
      const begin = performance.now();
      await cluster.api.apply(renderPod("job", "storage"));
      const heard = await packet;
      const took = performance.now() - begin;
      console.log(`      magic packet ${Math.round(took)} ms after the pod was asked for`);
      const mac = (STORAGE.mac ?? "").replaceAll(":", "");
      assert.equal(heard.toString("hex"), "ff".repeat(6) + mac.repeat(16));
      assert.ok(took < WATCHED, `${took} ms`);
    } finally {
      watcher.kill();
      receiver.close();
      await wakeUp(cluster, "storage");
    }
  });

  /** The watcher itself; its magic packets go to the receiver on loopback. */
  const renderWatcher = (port: number): string => {
    const machine = {
      ...{ name: "storage", address: "127.0.0.1", sshPort: 1, mac: STORAGE.mac, apps: [] },
      ...{ wakeTimeout: 60, sleepTimeout: 60, method: "suspend", evict: false, checkEvery: 900 },
      ...{ testEvery: 604_800, minimumAsleep: 0, timeZone: "UTC", quietHours: [], calendar: [] },
    };
    const settings = {
      ...{ kubectl: toolPath("kubectl"), kubeconfig, stateDirectory: path.join(folder, "state") },
      ...{ metrics: path.join(folder, "metrics.prom"), broadcast: "127.0.0.1" },
      ...{ key: "/none", knownHosts: "/none", agentUser: "none", machines: [machine], apps: [] },
    };
    return [
      "import json, sys",
      renderImportPath(POWER_MODULES),
      "import controller, way_magic_packet, watch",
      `way_magic_packet.WAKE_PORT = ${port}`,
      `settings = json.loads(${JSON.stringify(JSON.stringify(settings))})`,
      "watch.Watcher(controller.RealWorld(settings)).run()",
    ].join("\n");
  };

  const hasSocket = (pid: number | undefined): boolean => {
    const folder = `/proc/${String(pid)}/fd`;
    return readdirSync(folder).some((name) => statSync(path.join(folder, name)).isSocket());
  };
});
