import assert from "node:assert/strict";
import * as fs from "node:fs";
import { nodesStep } from "../../../components/bootstrap/common-steps";
import { renderWanted } from "../../../components/bootstrap/kubespray/render-wanted";
import type { Setting } from "../../../components/remote/step";
import { Sandbox, type Ran } from "../../support/sandbox";
import { python } from "./python";
import { argsOf } from "./sites";

describe("labels and taints that left the configuration", () => {
  const wanted = renderWanted(argsOf("kubespray"));
  const { hazel } = wanted.machines;

  /** The steps from a cluster whose hazel had that beside what is wanted. */
  const stepsFrom = (labels: object, taints: readonly string[]): unknown => {
    assert.ok(hazel);
    const { vars } = hazel;
    const before = {
      ...hazel,
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
      fixed: {},
      machines: { ...wanted.machines, hazel: before },
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
        "unlabel (hazel loses lab/old, lab/gone:NoExecute)",
        "cluster.yml --tags facts,node-label,node-taint (settings changed: labels and taints of hazel)",
      ],
      gone: [{ hazel: { labels: ["lab/old"], taints: ["lab/gone:NoExecute"] } }, null],
      again: [],
    });
  });
});

describe("the nodes of a cluster by kubeadm or RKE2", () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox("bash");
    const text = `#!/bin/sh
shift 2
if [ -e ${box.at("away")} ]; then
  [ "$2" != --raw ] || rm ${box.at("away")}
  echo "dial tcp 127.0.0.1:6443: connect: connection refused" >&2
  exit 1
fi
case $* in
  "get --raw "*) ;;
  "get nodes -o name") printf 'node/a\nnode/b\nnode/first\n' ;;
  "get nodes -l "*) echo node/first ;;
  "get node a -o json") echo '{"labels": {"x": "1", "other": "2"}, "taints": [{"key": "t"}]}' ;;
  *) echo "$*" >>${box.at("calls")} ;;
esac
`;
    fs.writeFileSync(box.at("kubectl"), text, { mode: 0o755 });
    changer("");
  });
  /** What lets machines go. */
  const changer = (text: string): void => {
    fs.writeFileSync(box.at("changer.py"), `import sys\n${text}\n`);
  };
  afterEach(() => {
    box.remove();
  });

  const apply = (settings: Readonly<Record<string, Setting>>): Ran => {
    fs.rmSync(box.at("calls"), { force: true });
    const files = { kubectl: box.at("kubectl"), kubeconfig: "config" };
    const step = nodesStep(argsOf("rke2"), { files });
    return box.run(
      { ...step, settings: { ...step.settings, CHANGER: box.at("changer.py"), ...settings } },
      "apply",
    );
  };
  /** What kubectl was asked to change. */
  const changes = (settings: Readonly<Record<string, Setting>>): string => {
    const ran = apply({ MACHINES: ["a"], ...settings });
    assert.equal(ran.code, 0, ran.stderr);
    return box.exists("calls") ? box.read("calls") : "";
  };

  it("lose labels and taints that left the configuration, and only what we had put there", () => {
    const NODES = ["label a x=1", "taint a t=v:NoSchedule", "label gone y=1"];
    assert.equal(
      changes({ NODES }),
      "label node a x=1 --overwrite\ntaint node a t=v:NoSchedule --overwrite\n" +
        // It has joined, and its kubelet makes the Node in a moment.
        "wait --for=create node/gone --timeout=60s\nlabel node gone y=1 --overwrite\n",
    );
    assert.equal(changes({ NODES: [] }), "label node a x-\ntaint node a t:NoSchedule-\n");
    assert.equal(changes({ NODES: [] }), "");
  });

  it("get what the API server did not take while it was away, once it answers again", () => {
    fs.writeFileSync(box.at("away"), "");
    assert.equal(changes({ NODES: ["label a x=1"] }), "label node a x=1 --overwrite\n");
  });

  it("are let go by the program that knows etcd's members, whose refusal comes before any change", () => {
    const NODES = ["label a x=1"];
    assert.equal(changes({ NODES, MACHINES: ["a", "b"] }).includes("label node a"), true);
    changer('sys.exit("b cannot go\\nto do: keep it")');
    const refused = apply({ NODES, MACHINES: ["a"] });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /bootstrap-nodes: b cannot go\n {2}to do: keep it\n/);
    assert.equal(box.exists("calls"), false);
    changer('print("b leaves", sys.argv[2])');
    const ran = apply({ NODES, MACHINES: ["a"] });
    assert.deepEqual([ran.code, ran.stderr.includes("b leaves departures")], [0, true]);
  });
});
