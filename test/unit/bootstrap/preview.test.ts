import assert from "node:assert/strict";
import { explain, type PreviewArgs } from "../../../components/bootstrap/kubespray/preview";
import { renderWanted, type Wanted } from "../../../components/bootstrap/kubespray/render-wanted";
import { argsOf } from "./sites";

const wanted = renderWanted(argsOf("kubespray"));
const args: PreviewArgs = { wanted, intent: "new", controller: "maple" };

/** What the run of that state prints, and the stack keeps. */
function outputOf(state: Wanted, intent = "old"): string {
  const { clusterName, kubernetesVersion, kubespray, networks, machines } = state;
  const groups = Object.fromEntries(
    Object.entries(state.groups).map(([name, { digest }]) => [name, digest]),
  );
  const record = { clusterName, kubernetesVersion, kubespray, networks, machines, groups };
  return JSON.stringify({ intent, record });
}

describe("a preview of the cluster by Kubespray", () => {
  it("names the playbooks, in order, between what the last update left and what is wanted", async () => {
    const { hazel, ...others } = wanted.machines;
    assert.ok(hazel);
    const kubelet = { tags: ["node"], manifests: false, digest: "another" };
    const before = { ...wanted, machines: others, groups: { ...wanted.groups, kubelet } };
    assert.deepEqual(await explain(args, outputOf(before)), {
      severity: "info",
      text: [
        "playbooks that maple will run:",
        "  1. playbooks/facts.yml (facts of all machines)",
        "  2. scale.yml --limit hazel (hazel joined the configuration)",
        "  3. cluster.yml --tags facts,node (settings changed: kubelet)",
      ].join("\n"),
    });
  });

  it("warns of a change that `up` will refuse, with the way to take", async () => {
    const notice = await explain(args, outputOf({ ...wanted, kubernetesVersion: "1.33.1" }));
    assert.equal(notice?.severity, "warn");
    assert.match(
      notice.text,
      /^`up` will be refused: from Kubernetes 1\.33\.1 to 1\.35\.4 skips a minor version\nto do: .*1\.34, 1\.35$/,
    );
  });

  it("says so where a change needs no playbook, and nothing where nothing changed", async () => {
    assert.deepEqual(await explain(args, outputOf(wanted)), {
      severity: "info",
      text: "no playbook is due",
    });
    assert.equal(await explain(args, outputOf(wanted, "new")), undefined);
  });

  it("says before the first run that what is on the machines decides, and who can be asked", async () => {
    assert.deepEqual(await explain(args, undefined), {
      severity: "info",
      text:
        "no run is recorded in this stack. Where maple has no cluster, cluster.yml installs one; " +
        "where it has one, existing: adopt decides. `vmstation bootstrap plan` asks maple.",
    });
  });
});
