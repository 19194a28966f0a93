import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { bootstrapSchema } from "../../../components/bootstrap/config";
import { METHODS } from "../../../components/bootstrap/methods";
import { renderWanted } from "../../../components/bootstrap/kubespray/render-wanted";
import { networkSchema } from "../../../components/network/config";
import { Sandbox } from "../../support/sandbox";
import { renderKeyChanges } from "./key-changes-page";
import { keysByMethod, keysOf, SAMPLES } from "./key-samples";
import { python } from "./python";
import { argsWith, changedParts, refusing, rowsOf, settingOf, settings } from "./changed-keys";

/** How a record by Kubespray's first state comes to the second: the steps, or why they are refused. */
const PLAN = `
from fixed import fixed_values
from plan_steps import describe, plan
from members import Refused
def change(before, after):
    record = {key: before[key] for key in ("kubernetesVersion", "kubespray", "networks", "machines")}
    record |= {"groups": {n: g["digest"] for n, g in before["groups"].items()}, "fixed": fixed_values(before)}
    try:
        steps = plan(record, after)
        return {"steps": [describe(one) for one in steps],
                "manifests": any(one["extra"].get("upgrade_cluster_setup") for one in steps)}
    except Refused as refusal:
        return {"refused": str(refusal), "advice": refusal.advice}
answer = {key: change(*pair) for key, pair in given.items()}
`;

function plannedChanges(): Record<string, string> {
  const wanted = (key: string, which: 0 | 1) => {
    const args = argsWith("kubespray", key, which);
    if (args.config.method !== "kubespray") throw new Error("not kubespray");
    return renderWanted({ ...args, config: args.config });
  };
  const pairs = rowsOf("kubespray").map(([key]) => [key, [wanted(key, 0), wanted(key, 1)]]);
  const answers = python(PLAN, Object.fromEntries(pairs));
  if (typeof answers !== "object" || answers === null) throw new Error("no answers");
  return Object.fromEntries(
    Object.entries(answers).map(([key, answer]) => [key, JSON.stringify(answer)]),
  );
}

describe("what becomes of a key that is changed under a running cluster", function () {
  this.timeout(60_000);

  it("is said of every key of bootstrap and network, for each method that has it, and of no other", () => {
    const byMethod = keysByMethod(bootstrapSchema, "bootstrap");
    const network = keysOf(networkSchema, "network");
    for (const { name: method } of METHODS) {
      const said = rowsOf(method).map(([key]) => key);
      assert.deepEqual(said.sort(), [...byMethod[method], ...network].sort(), method);
    }
    const known = new Set(METHODS.flatMap(({ keyChanges }) => Object.keys(keyChanges)));
    assert.deepEqual(Object.keys(SAMPLES).sort(), [...known].sort());
  });

  it("by Kubespray is a refusal with the row's advice, or the playbook and what it is told", () => {
    const planned = plannedChanges();
    for (const [key, change] of rowsOf("kubespray", "refused")) {
      if (change.kind !== "refused") continue;
      assert.match(planned[key] ?? "", /"refused"/, key);
      if (/podCidr|serviceCidr/.test(key)) continue;
      assert.ok(planned[key]?.includes(JSON.stringify(change.instead).slice(1, -1)), key);
    }
    const runs: Readonly<Record<string, RegExp>> = {
      "bootstrap.kubernetesVersion": /upgrade-cluster\.yml/,
      "bootstrap.apiServerSans": /cluster\.yml --tags client,control-plane,facts/,
      "bootstrap.endpoint.address":
        /"cluster\.yml \(settings changed: cluster\)"\],"manifests":true/,
      "bootstrap.maxPods": /cluster\.yml --tags facts,node /,
      "bootstrap.reserves.system.cpu": /cluster\.yml --tags facts,node /,
      "bootstrap.reserves.system.memory": /cluster\.yml --tags facts,node /,
      "bootstrap.reserves.kube.cpu": /cluster\.yml --tags facts,node /,
      "bootstrap.reserves.kube.memory": /cluster\.yml --tags facts,node /,
      "bootstrap.addons.nodeLocalDns": /"cluster\.yml \(/,
      "bootstrap.addonMachines": /loses vmstation\.io\/addons.*--tags facts,node-label/,
      "bootstrap.sources.files": /"cluster\.yml \(/,
      "bootstrap.audit": /control-plane,facts.*"manifests":true/,
      "bootstrap.variables": /"cluster\.yml \(settings changed: variables\)"\],"manifests":true/,
      "network.mtu": /cluster\.yml --tags download,facts,network/,
    };
    const byParts: Readonly<Record<string, string>> = {
      "bootstrap.endpoint.interface": "endpoint",
      "bootstrap.existing": "existing",
      "bootstrap.resetClusterName": "resetClusterName",
      "bootstrap.allowRemoval": "allowRemoval",
      "bootstrap.controller": "machines",
      "bootstrap.sources.kubesprayGit": "controller",
      "bootstrap.sources.kubesprayCommit": "controller",
      "bootstrap.sources.pythonIndex": "controller",
      "bootstrap.sources.imageDigests.pause": "pod",
      "bootstrap.etcdSnapshot.enabled": "snapshot",
      "bootstrap.etcdSnapshot.directory": "snapshot",
      "bootstrap.etcdSnapshot.keep": "snapshot",
    };
    for (const [key] of rowsOf("kubespray", "takes effect")) {
      const part = byParts[key];
      if (part === undefined) assert.match(planned[key] ?? "", runs[key] ?? /no expectation/, key);
      // The order of machines is the inventory's: the controller first.
      else assert.ok(changedParts("kubespray", key).includes(part), key);
    }
  });

  for (const method of ["kubeadm", "rke2", "k3s"] as const) {
    it(`by ${method} changes what a machine is given, wherever it takes effect`, () => {
      for (const [key] of rowsOf(method, "takes effect")) {
        assert.notDeepEqual(changedParts(method, key), [], key);
      }
      for (const [key] of rowsOf(method, "unused")) {
        // Nothing of it is read, beside what was fetched already.
        const changed = changedParts(method, key).filter((part) => part !== "install");
        assert.deepEqual(changed, [], key);
      }
    });

    it(`by ${method} is refused on the machine, all of it at once, before anything is touched`, () => {
      const rows = rowsOf(method, "refused");
      const step = refusing(
        method,
        rows.map(([key]) => key),
      );
      const box = new Sandbox();
      fs.mkdirSync(box.at("state/bootstrap"), { recursive: true });
      const before = rows.map(([key]) => settingOf(method, key, 0));
      fs.writeFileSync(
        box.at("state/bootstrap/fixed"),
        before.map(({ key, value }) => `${key}\t${value}\n`).join(""),
      );
      const ran = box.run(step, "apply");
      assert.equal(ran.code, 1, ran.stderr);
      assert.doesNotMatch(ran.stderr, /TOUCHED/);
      for (const [key, change] of rows) {
        const { value } = settingOf(method, key, 1);
        assert.ok(ran.stderr.includes(`vmstation:${key}: the cluster has `), key);
        assert.ok(ran.stderr.includes(`, the configuration says ${value}\n`), key);
        assert.ok(change.kind === "refused" && ran.stderr.includes(change.instead), key);
      }
      box.remove();
    });
  }

  it("is the schema's to refuse where there is one value only", () => {
    for (const { name: method } of METHODS) {
      const rows = rowsOf(method, "one value").filter(([key]) => key.startsWith("bootstrap."));
      for (const [key] of rows) {
        const accepted = ([0, 1] as const).filter(
          (which) => bootstrapSchema.safeParse(settings(method, key, which)).success,
        );
        assert.deepEqual(accepted, [0], key);
      }
    }
  });

  it("stands in the documentation as it is", () => {
    const page = path.join(__dirname, "../../../docs/running-cluster.md");
    if (process.env.WRITE_DOCS !== undefined) fs.writeFileSync(page, renderKeyChanges());
    assert.equal(fs.readFileSync(page, "utf8"), renderKeyChanges());
  });
});
