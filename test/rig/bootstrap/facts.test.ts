import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { run } from "../command";
import { useRig } from "../use-rig";
import { BootstrapLab, explain, packageIndex } from "./lab";

const KUBESPRAY = process.env.KUBESPRAY_DIR;
const RUNNER = path.join(__dirname, "../../../components/bootstrap/kubespray/files");

/** The runner's own modules, with the step that it takes before every limited playbook. */
const GATHER = `
import json, sys
sys.path.insert(0, "/root/runner")
import inventory, playbook
from plan_steps import facts
home = "/var/lib/vmstation/kubespray"
with open(home + "/inventory/wanted.json") as file:
    wanted = json.load(file)
one = facts(wanted["machines"])
with open(home + "/inventory/step.json", "w") as file:
    json.dump(inventory.render(inventory.machines_of(None, one, wanted)), file)
code, failures = playbook.run(one, home, wanted["kubernetesVersion"], None, lambda line: None)
sys.stderr.write(playbook.render_failures(failures))
sys.exit(code)
`;

describe("Kubespray's own playbooks on machines", () => {
  const getRig = useRig();
  let lab: BootstrapLab | undefined;

  before(function () {
    if (KUBESPRAY === undefined || !existsSync(KUBESPRAY)) {
      console.log("    pending: KUBESPRAY_DIR names no checkout of Kubespray");
      this.skip();
    }
    if (packageIndex() === undefined) {
      console.log("    pending: Ansible's packages could not be fetched");
      this.skip();
    }
    lab = new BootstrapLab(getRig(), KUBESPRAY);
  });

  after(() => {
    lab?.remove();
  });

  it("gather the facts of all machines, with the tag's own Ansible and our inventory", async () => {
    assert.ok(lab);
    await lab.prepare();
    lab.describe();
    const prepared = await lab.start(["bootstrap-run"]).end();
    assert.equal(prepared.code, 0, explain(prepared));
    const { stdout } = await run("bash", [
      "-euo",
      "pipefail",
      "-c",
      'tar -C "$0" -c . | base64 -w 0',
      RUNNER,
    ]);
    await lab.controller.exec("mkdir -p /root/runner; base64 -d | tar -C /root/runner -x", {
      input: stdout,
    });
    const gathered = await lab.controller.exec(
      "/var/lib/vmstation/kubespray/venv/bin/python3 -B -",
      { input: GATHER, anyCode: true },
    );
    assert.equal(gathered.code, 0, gathered.stdout.slice(-4000) + gathered.stderr);
    for (const machine of getRig().machines) {
      assert.match(gathered.stdout, new RegExp(`${machine.name} +: ok=\\d+ .*failed=0`));
      const facts = `/var/lib/vmstation/kubespray/facts/${machine.name}`;
      const { stdout: text } = await lab.controller.exec(`cat ${facts}`);
      assert.match(text, new RegExp(machine.address.replaceAll(".", "\\.")));
    }
  });
});
