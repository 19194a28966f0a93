import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { findInCluster, withoutCluster } from "../../../scripts/verbs/reset/cluster-state";
import { confirmCluster } from "../../../scripts/kit/terminal/confirm";
import { describeReset } from "../../../scripts/verbs/reset/render";
import { orderOf } from "../../../scripts/verbs/reset/wipe";
import { resetStep } from "../../../components/bootstrap/rke2/steps";
import { parseUrn } from "../../../scripts/engine/urn";
import { argsOf } from "../../unit/bootstrap/sites";
import { Sandbox } from "../../support/sandbox";

const urn = (type: string, name: string) => `urn:pulumi:s::vmstation::${type}::${name}`;
const STEP = "command:remote:Command";
const IN_BOOTSTRAP = `vmstation:bootstrap:Kubespray$${STEP}`;

function command(chain: string, name: string, inputs: object = {}, dependencies: string[] = []) {
  return { urn: urn(chain, name), type: STEP, inputs: { ...inputs }, dependencies };
}

const run = command(IN_BOOTSTRAP, "bootstrap-run");
const stack = {
  urn: urn("pulumi:pulumi:Stack", "vmstation-s"),
  type: "pulumi:pulumi:Stack",
  outputs: { bootstrap: "{}", endpoint: "https://x:6443" },
};
const state = {
  resources: [
    stack,
    command("vmstation:node:Node$" + STEP, "node-a-sshd", { delete: "remove" }),
    command(IN_BOOTSTRAP, "bootstrap-access-a", { delete: "remove" }),
    run,
    { urn: urn("pulumi:providers:kubernetes", "kubernetes"), type: "pulumi:providers:kubernetes" },
    { urn: urn("kubernetes:core/v1:Namespace", "apps"), type: "kubernetes:core/v1:Namespace" },
    command("vmstation:power:Power$" + STEP, "power-a", {}, [run.urn]),
  ],
};

describe("what goes with the cluster", () => {
  it("is all that is in it and the runs that installed it, and nothing that a machine still holds", () => {
    assert.deepEqual([...findInCluster(state)].map((one) => parseUrn(one).name).sort(), [
      "apps",
      "bootstrap-run",
      "kubernetes",
    ]);
  });

  it("leaves the state without it, without references to it, and without its record", () => {
    const resources = withoutCluster(state).resources ?? [];
    assert.deepEqual(
      resources.map((one) => parseUrn(one.urn).name),
      ["vmstation-s", "node-a-sshd", "bootstrap-access-a", "power-a"],
    );
    assert.deepEqual(resources.at(-1)?.dependencies, []);
    assert.deepEqual(resources[0]?.outputs, { endpoint: "https://x:6443" });
  });
});

describe("a reset", () => {
  it("is one of three, and says of each what it takes away and what stays", () => {
    const args = argsOf("kubespray", {}, [["machines", "hazel", "offline"], true]);
    const hard = describeReset("hard", args, "maple").join("\n");
    assert.match(hard, /wiped from maple, spruce:/);
    assert.match(hard, /Offline, so not changed: hazel\./);
    assert.match(hard, /disks .* is kept\./);
    assert.doesNotMatch(hard, /destroy/);
    assert.match(describeReset("full", args, "maple").join("\n"), /`pulumi destroy` removes/);
    assert.match(describeReset("soft", args, "maple").join("\n"), /nothing is removed/);
  });

  it("is confirmed by the cluster's own name only", async () => {
    const nobody = { input: new PassThrough(), output: new PassThrough() };
    assert.equal(await confirmCluster("homelab", "homelab", nobody), true);
    await assert.rejects(confirmCluster("homelab", "lab", nobody), /is called homelab/);
    await assert.rejects(confirmCluster("homelab", undefined, nobody), /with --yes homelab/);
  });

  it("of kubeadm and RKE2 takes workers first, the machine that they joined last", () => {
    assert.deepEqual(orderOf(argsOf("kubeadm"), "maple"), ["hazel", "spruce", "maple"]);
  });

  it("of a machine that is in no cluster runs no program, and forgets its record", () => {
    const box = new Sandbox();
    const step = resetStep(argsOf("rke2"));
    const script = step.script.replace("/usr/local/bin/rke2", box.at("rke2"));
    const ran = box.run({ ...step, script }, "remove");
    assert.deepEqual([ran.code, ran.stderr, box.exists("state/bootstrap")], [0, "", false]);
    box.remove();
  });
});
