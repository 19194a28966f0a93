import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { run } from "../../rig/command";
import type { KubernetesObject } from "../../rig/engine/objects";
import { waitFor } from "../../rig/wait";
import { programPath } from "../parts/modules";
import type { Real } from "../running-real";
import { renderWebPod } from "./pods";

const NAME = "crashing";
const MINUTE = 60_000;

const podSchema = z.looseObject({ containers: z.array(z.looseObject({})) });

/** A Deployment whose container ends as soon as it starts. */
function renderCrashing(): KubernetesObject {
  const labels = { app: NAME };
  const pod = renderWebPod({ namespace: "default", name: NAME, machine: "maple", labels });
  const { containers, ...others } = podSchema.parse(pod.spec);
  const spec = { ...others, containers: containers.map((one) => ({ ...one, args: ["nothing"] })) };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace: "default", name: NAME },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
    },
  };
}

/** The tests of verbs by which an operator looks at a cluster, for a suite whose cluster is up. */
export function operatorTests(getReal: () => Real): void {
  it("hands out a kubeconfig that kubectl works with", async () => {
    const { lab } = getReal();
    const file = lab.pathOf("operator.yaml");
    await lab.passes("kubeconfig", "--file", file);
    const words = [`--kubeconfig=${file}`, "get", "nodes", "-o", "name"];
    const { stdout } = await run(programPath("kubernetes", "kubectl"), words);
    assert.match(stdout, /node\/maple/);
  });

  it("shows a kubelet's log, and runs a command on a machine", async () => {
    const { lab } = getReal();
    assert.match(await lab.passes("logs", "maple", "kubelet", "-n", "5"), /kubelet\[\d+\]/);
    assert.equal((await lab.passes("ssh", "maple", "--", "hostname")).trim(), "maple");
  });

  it("finds what somebody has changed on a machine, and nothing else", async () => {
    const { lab, rig } = getReal();
    await lab.passes("drift");
    const file = "/etc/sysctl.d/99-zz-vmstation.conf";
    const machine = rig.machine("spruce");
    await machine.exec(`cp -p ${file} /root/kept; echo '# changed' >>${file}`);
    const found = await lab.vmstation("drift");
    await machine.exec(`cp -p /root/kept ${file}`);
    assert.equal(found.code, 1, found.stdout + found.stderr);
    assert.match(found.stdout, /spruce[^]*99-zz-vmstation\.conf/);
    await lab.passes("drift");
  });

  it("finds pods that crash, collects what they say, and lets their controller make others", async () => {
    const { lab } = getReal();
    await lab.objects.apply(renderCrashing());
    const state = ["get", "pods", "-l", `app=${NAME}`, "-o"];
    const reason = "jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}";
    await waitFor(
      "the crash loop",
      async () => (await lab.kubectl(...state, reason)).includes("CrashLoopBackOff"),
      5 * MINUTE,
    );
    const judged = await lab.vmstation("validate", "pods", "--failures");
    assert.equal(judged.code, 1);
    assert.match(judged.stdout, /crash loops: default\/crashing-/);
    const folder = lab.pathOf("diagnosis");
    await lab.vmstation("diagnose", "-o", folder);
    assert.match(await readFile(`${folder}/report.md`, "utf8"), /crashing-[^]*CrashLoopBackOff/);
    const names = async (): Promise<string> => lab.kubectl(...state, "name");
    const before = await names();
    await lab.passes("remedy", "crash-loops", "--dry-run");
    assert.equal(await names(), before, "a dry run changes nothing");
    await lab.passes("remedy", "crash-loops", "--yes");
    await waitFor("another pod", async () => (await names()) !== before, MINUTE);
    await lab.kubectl("delete", "deployment", NAME);
    await lab.becomesHealthy();
  });
}
