import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { python } from "./python";

describe("a machine that joins", () => {
  const joining = (text: string) =>
    python(
      `
import sys, types
base = types.ModuleType("ansible.plugins.callback")
base.CallbackBase = type("CallbackBase", (), {"_display": types.SimpleNamespace(display=lambda text: said.append(text))})
sys.modules |= {"ansible": types.ModuleType("ansible"), "ansible.plugins": types.ModuleType("p"), base.__name__: base}
sys.path.append(given + "/callbacks")
import inventory, os, playbook, await_nodes
from plan_steps import step
said, asked = [], []
${text}`,
      path.join(__dirname, "../../../components/bootstrap/kubespray/files"),
    );

  it("has its Node awaited before Kubespray labels it, once, however often the API is away", () => {
    const answer = joining(`
os.environ |= playbook.environment("/home", ["spruce", "hazel"])
class Task:
    def __init__(self, name): self.get_name = lambda: name
codes = [1, 0]
def run(command, **options):
    asked.append(command[3:-1])
    return types.SimpleNamespace(returncode=codes[len(asked) - 1])
await_nodes.subprocess.run, await_nodes.time.sleep = run, lambda seconds: None
callback = await_nodes.CallbackModule()
answer = []
for name in ["kubernetes/kubeadm : Join", "kubernetes/node-label : Wait", "kubernetes/node-label : Set"]:
    callback.v2_playbook_on_task_start(Task(name), False)
    answer.append(list(asked))
`);
    const wait = ["wait", "--for=create", "node/spruce", "node/hazel"];
    assert.deepEqual(answer, [[], [wait, wait], [wait, wait]]);
  });

  it("is none that only runs etcd, is away or is in the cluster already", () => {
    const answer = joining(`
machine = lambda *roles, offline=False: {"roles": list(roles), "offline": offline}
machines = {"a": machine("etcd"), "b": machine("worker", offline=True), "c": machine("worker"), "d": machine("etcd", "control-plane"), "e": machine("worker")}
one = step("cluster.yml", "why") | {"joining": ["a", "b", "c", "d"]}
answer = [inventory.nodes_of(one, machines), playbook.environment("/home")["VMSTATION_AWAIT_NODES"]]
`);
    assert.deepEqual(answer, [["c", "d"], "[]"]);
  });

  it("is labelled by Kubespray's role of that name, right after kubeadm", function () {
    const checkout = process.env.KUBESPRAY_DIR;
    if (checkout === undefined) {
      console.log("    pending: KUBESPRAY_DIR names no checkout of Kubespray");
      return this.skip();
    }
    const label = joining("answer = await_nodes.ROLE");
    for (const name of ["cluster", "scale"]) {
      const file = path.join(checkout, `playbooks/${name}.yml`);
      const roles: string[] = fs.readFileSync(file, "utf8").match(/(?<=role: "?)[\w/-]+/g) ?? [];
      const next = roles[roles.indexOf("kubernetes/kubeadm") + 1] ?? "";
      assert.equal(`${next} : `, label, name);
    }
  });
});
