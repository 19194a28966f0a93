import assert from "node:assert/strict";
import * as fs from "node:fs";
import { nodesStep } from "../../../components/bootstrap/common-steps";
import { renderWanted } from "../../../components/bootstrap/kubespray/render-wanted";
import { Sandbox } from "../../support/sandbox";
import { python } from "./python";
import { argsOf } from "./sites";

describe("labels and taints that left the configuration", () => {
  const wanted = renderWanted(argsOf("kubespray"));
  const { homelab } = wanted.machines;

  /** The steps from a cluster whose homelab had that beside what is wanted. */
  const stepsFrom = (labels: object, taints: readonly string[]): unknown => {
    assert.ok(homelab);
    const { vars } = homelab;
    const before = {
      ...homelab,
      digest: "before",
      vars: {
        ...vars,
        node_labels: { ...vars.node_labels, ...labels },
        node_taints: [...vars.node_taints, ...taints],
      },
    };
    const groups = Object.entries(wanted.groups).map(
      ([name, { digest }]) => [name, digest] as const,
    );
    const recorded = {
      ...wanted,
      machines: { ...wanted.machines, homelab: before },
      groups: Object.fromEntries(groups),
    };
    return python(
      `
from plan_steps import describe, plan, record_after
steps = plan(given["recorded"], given["wanted"])
state = given["recorded"]
for one in steps:
    state = record_after(state, one)
answer = {"steps": [describe(one) for one in steps], "gone": [one["extra"].get("gone") for one in steps],
          "again": plan(state, given["wanted"])}
`,
      { recorded, wanted },
    );
  };

  it("are taken off the node before the others are applied, once", () => {
    assert.deepEqual(stepsFrom({ "lab/old": "yes" }, ["lab/gone=1:NoExecute"]), {
      steps: [
        "unlabel (homelab loses lab/old, lab/gone:NoExecute)",
        "cluster.yml --tags facts,node-label,node-taint (settings changed: labels and taints of homelab)",
      ],
      gone: [{ homelab: { labels: ["lab/old"], taints: ["lab/gone:NoExecute"] } }, null],
      again: [],
    });
  });

  it("of kubeadm and RKE2 are taken off as well, and only what we had put there", () => {
    const box = new Sandbox("bash");
    fs.writeFileSync(
      box.at("kubectl"),
      `#!/bin/sh
shift 2
case $* in
  "get nodes -o name") echo node/a ;;
  "get node a -o json") echo '{"labels": {"x": "1", "other": "2"}, "taints": [{"key": "t"}]}' ;;
  *) echo "$*" >>${box.at("calls")} ;;
esac
`,
      { mode: 0o755 },
    );
    const files = { kubectl: box.at("kubectl"), kubeconfig: "config" };
    const apply = (...lines: string[]): string => {
      fs.rmSync(box.at("calls"), { force: true });
      const step = nodesStep(argsOf("rke2"), files);
      const ran = box.run({ ...step, settings: { ...step.settings, NODES: lines } }, "apply");
      assert.equal(ran.code, 0, ran.stderr);
      return box.exists("calls") ? box.read("calls") : "";
    };
    const all = ["label a x=1", "taint a t=v:NoSchedule", "label gone y=1"];
    assert.equal(
      apply(...all),
      "label node a x=1 --overwrite\ntaint node a t=v:NoSchedule --overwrite\nlabel node gone y=1 --overwrite\n",
    );
    assert.equal(apply(), "label node a x-\ntaint node a t:NoSchedule-\n");
    assert.equal(apply(), "");
    box.remove();
  });
});
