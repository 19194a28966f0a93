import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { renderFixedLines, type FixedSetting } from "../../../components/bootstrap/fixed-settings";
import { fixed as fixedByK3s } from "../../../components/bootstrap/k3s/fixed";
import { fixed as fixedByKubeadm } from "../../../components/bootstrap/kubeadm/fixed";
import { renderWanted } from "../../../components/bootstrap/kubespray/render-wanted";
import { fixed as fixedByRke2 } from "../../../components/bootstrap/rke2/fixed";
import type { Change } from "../../support/homelab";
import { NODE_NETWORK } from "../../support/node-network";
import { Sandbox } from "../../support/sandbox";
import { readScript } from "./kubeadm-member";
import { python } from "./python";
import { argsOf, machineNamed } from "./sites";

/** What each method keeps of hazel, a worker, and what hazel shows of its own address. */
const KEPT: Readonly<
  Record<
    "kubeadm" | "k3s" | "rke2",
    {
      kept: (changes: readonly Change[]) => readonly FixedSetting[];
      scripts: string;
      file: string;
      text: (address: string) => string;
    }
  >
> = {
  kubeadm: {
    kept: (changes) => {
      const args = argsOf("kubeadm", {}, ...changes);
      return fixedByKubeadm(args, machineNamed(args.machines, "hazel"));
    },
    scripts: "kubeadm/files/shown.sh",
    file: "/var/lib/kubelet/kubeadm-flags.env",
    text: (address) =>
      `KUBELET_KUBEADM_ARGS="--node-ip=${address} --pod-infra-container-image=x"\n`,
  },
  k3s: {
    kept: (changes) => {
      const args = argsOf("k3s", {}, ...changes);
      return fixedByK3s(args, machineNamed(args.machines, "hazel"));
    },
    scripts: "k3s/files/shown.sh",
    file: "/etc/rancher/k3s/config.yaml",
    text: (address) => `node-name: hazel\nnode-ip: ${address}\n`,
  },
  rke2: {
    kept: (changes) => {
      const args = argsOf("rke2", {}, ...changes);
      return fixedByRke2(args, machineNamed(args.machines, "hazel"));
    },
    scripts: "rke2/files/rke2.sh",
    file: "/etc/rancher/rke2/config.yaml",
    text: (address) => `node-name: hazel\nnode-ip: "${address}"\n`,
  },
};

const moved = (address: string): readonly Change[] => [
  ...NODE_NETWORK,
  [["machines", "hazel", "clusterAddress"], address],
];

for (const [method, { kept, scripts, file, text }] of Object.entries(KEPT)) {
  describe(`the address of a machine in a running cluster by ${method}`, () => {
    let box: Sandbox;
    beforeEach(() => {
      box = new Sandbox();
      fs.mkdirSync(path.dirname(box.at(file)), { recursive: true });
    });
    afterEach(() => {
      box.remove();
    });

    const run = (changes: readonly Change[]) => {
      const script = [
        readScript(scripts),
        readScript("files/fixed.sh"),
        "SHOWN_ETC=${SHOWN_ETC:-/etc/rancher/rke2} SHOWN_DATA=${SHOWN_DATA:-/var/lib/rancher/rke2}",
        "step() { refuse_changes; remember_fixed; }",
      ]
        .join("\n")
        .replaceAll("/etc/rancher", box.at("etc/rancher"))
        .replaceAll("/etc/systemd/system", box.at("etc/systemd/system"))
        .replaceAll("/var/lib/rancher", box.at("var/lib/rancher"))
        .replaceAll("/etc/kubernetes", box.at("etc/kubernetes"))
        .replaceAll("/var/lib/kubelet", box.at("var/lib/kubelet"));
      const settings = { FIXED: renderFixedLines(kept(changes)), EXISTING: "refuse" };
      return box.run({ name: "guard", script, libraries: ["files"], settings }, "apply", "hazel");
    };

    it("may be as it was, and no other one, and is not given up", () => {
      fs.writeFileSync(box.at(file), text("10.0.0.12"));
      assert.equal(run(NODE_NETWORK).code, 0);
      const other = run(moved("10.0.0.99"));
      assert.match(
        other.stderr,
        /vmstation:machines\.hazel\.clusterAddress: the cluster has 10\.0\.0\.12, the configuration says 10\.0\.0\.99\n +to do: put it back/,
      );
      assert.match(
        run([]).stderr,
        /vmstation:machines\.hazel\.clusterAddress: the cluster has 10\.0\.0\.12, the configuration says nothing/,
      );
      assert.equal(run(NODE_NETWORK).code, 0);
    });

    it("is not added to a cluster that the LAN's addresses are used in", () => {
      fs.writeFileSync(box.at(file), text("192.168.8.62"));
      assert.equal(run([]).code, 0);
      const added = run(NODE_NETWORK);
      assert.equal(added.code, 1);
      assert.match(
        added.stderr,
        /the cluster has 192\.168\.8\.62, the configuration says 10\.0\.0\.12/,
      );
    });
  });
}

describe("the address of a machine in a running cluster by Kubespray", () => {
  const PLAN = `
from plan_steps import plan
from members import Refused
def change(before, after):
    record = {key: before[key] for key in ("kubernetesVersion", "kubespray", "networks", "machines")}
    record |= {"groups": {n: g["digest"] for n, g in before["groups"].items()}, "fixed": {}}
    try:
        return [one["reason"] for one in plan(record, after | {"fixed": []})]
    except Refused as refusal:
        return str(refusal)
answer = [change(*pair) for pair in given]
`;
  const wanted = (...changes: readonly Change[]) =>
    renderWanted(argsOf("kubespray", {}, ...changes));

  it("is refused where it would be another one, one more or one less; the LAN's may change as before", () => {
    const [plain, own] = [wanted(), wanted(...NODE_NETWORK)];
    const lan: Change = [["machines", "hazel", "address"], "192.168.8.77"];
    const reinstalled = {
      ...own,
      machines: { ...own.machines, hazel: { ...own.machines.hazel, key: "new" } },
    };
    const answers = z.array(z.union([z.string(), z.array(z.string())])).parse(
      python(PLAN, [
        [own, own],
        [own, wanted(...moved("10.0.0.99"))],
        [plain, own],
        [own, plain],
        [plain, wanted(lan)],
        [own, wanted(...NODE_NETWORK, lan)],
        [reinstalled, wanted(...moved("10.0.0.99"))],
      ]),
    );
    const [same, other, more, less, moves, movesOwn, renewed] = answers;
    assert.deepEqual(same, []);
    assert.equal(
      other,
      "vmstation:machines.hazel.clusterAddress: the cluster knows hazel by 10.0.0.12, and would by 10.0.0.99",
    );
    assert.match(String(more), /maple by 192\.168\.8\.63, and would by 10\.0\.0\.10/);
    assert.match(String(less), /maple by 10\.0\.0\.10, and would by 192\.168\.8\.63/);
    assert.ok(Array.isArray(moves) && Array.isArray(movesOwn), JSON.stringify(answers));
    assert.doesNotMatch(JSON.stringify(renewed), /the cluster knows/);
  });
});
