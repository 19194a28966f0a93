import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { python } from "./python";

const OUTPUT = `
PLAY [Gather facts] ************************************************************

TASK [Gather minimal facts] ****************************************************
ok: [maple]

PLAY [Install etcd] ************************************************************

TASK [etcd : Optional] *********************************************************
fatal: [maple]: FAILED! => {"changed": false, "msg": "no matter"}
...ignoring

TASK [etcd : Configure | Wait] *************************************************
fatal: [hazel -> maple(192.168.8.63)]: FAILED! => {"changed": false, "msg": "non-zero return code", "stderr": "etcd: no leader", "rc": 1}
fatal: [spruce]: UNREACHABLE! => {"changed": false, "msg": "Failed to connect", "unreachable": true}
`;

describe("the output of ansible-playbook", () => {
  const read = (plays: number) =>
    python(
      `
import playbook
told = []
progress = playbook.Progress(given["plays"], told.append)
for line in given["output"].split("\\n"):
    progress.feed(line)
answer = {"told": told, "failures": playbook.render_failures(progress.failures)}
`,
      { plays, output: OUTPUT },
    );

  it("becomes plays and tasks with a percentage, and only the failures that count", () => {
    assert.deepEqual(read(4), {
      told: [
        "  0 %  Gather facts",
        "  0 %    Gather minimal facts",
        " 25 %  Install etcd",
        " 25 %    etcd : Optional",
        " 25 %    etcd : Configure | Wait",
      ],
      failures: [
        "host: hazel",
        "play: Install etcd",
        "task: etcd : Configure | Wait",
        "message: non-zero return code",
        "etcd: no leader",
        "host: spruce",
        "play: Install etcd",
        "task: etcd : Configure | Wait",
        "message: Failed to connect",
        "",
      ].join("\n"),
    });
  });
});

describe("a task whose output Kubespray hides", () => {
  it("is explained by what has usually gone wrong", () => {
    const result = JSON.stringify({ censored: "the output has been hidden" });
    const text = python("import playbook\nanswer = playbook.message_of(given)", result);
    assert.match(String(text), /^the output has been hidden\nwhere it downloads: .*sha256:$/);
  });
});

describe("ansible-playbook", () => {
  it("is told the version, the limit and the tags, and leaves machines out that are away", () => {
    const machines = { a: { offline: false }, b: { offline: true } };
    const answer = python(
      `
import inventory, playbook
from plan_steps import step
one = step("scale.yml", "why", limit=["a"], tags=["facts", "node"], extra={"serial": 1})
gone = step("remove-node.yml", "why", extra={"node": "b"})
answer = [
    playbook.arguments(one, "/home", "1.35.4", inventory.limit_of(one, given)),
    inventory.limit_of(gone, given),
    inventory.limit_of(step("cluster.yml", "why"), {"a": {"offline": False}}),
]
`,
      machines,
    );
    assert.deepEqual(answer, [
      [
        "/home/venv/bin/ansible-playbook",
        "--become",
        "-i",
        "/home/inventory/step.json",
        "-e",
        '{"kube_version": "1.35.4", "serial": 1}',
        "--limit",
        "a,!b",
        "--tags",
        "facts,node",
        "scale.yml",
      ],
      null,
      null,
    ]);
  });

  it("checks host keys against the configured ones and uses the controller's key only", () => {
    const env = python('import playbook\nanswer = playbook.environment("/home")', {});
    assert.ok(typeof env === "object" && env !== null);
    const entries = new Map<string, unknown>(Object.entries(env));
    assert.equal(entries.get("ANSIBLE_HOST_KEY_CHECKING"), "True");
    assert.equal(entries.get("ANSIBLE_PRIVATE_KEY_FILE"), "/home/key");
    const ssh = String(entries.get("ANSIBLE_SSH_ARGS"));
    assert.match(ssh, /UserKnownHostsFile=\/home\/inventory\/known_hosts/);
    assert.match(ssh, /StrictHostKeyChecking=yes/);
  });
});

describe("the judgement that a cluster works", () => {
  const judge = (text: string, input: unknown) => python(`import verify\n${text}`, input);

  it("expects machines that are always on, and those sleepers that answer", () => {
    const machine = (sleeps: boolean, port: number, offline = false) => ({
      address: "10.0.0.1",
      port,
      sleeps,
      offline,
    });
    assert.deepEqual(
      judge("answer = verify.expected(given, lambda address, port: port == 1)", {
        on: machine(false, 2),
        awake: machine(true, 1),
        asleep: machine(true, 2),
        away: machine(false, 2, true),
      }),
      ["awake", "on"],
    );
  });

  it("names what stands against each machine, and a DNS that does not run", () => {
    const ready = (status: string, message: string) => ({
      conditions: [{ type: "Ready", status, message }],
    });
    const input = {
      nodes: {
        items: [
          { metadata: { name: "a" }, status: ready("True", "") },
          { metadata: { name: "b" }, status: ready("False", "CNI is not ready") },
          { metadata: { name: "c" }, status: {} },
        ],
      },
      dns: { items: [{ metadata: { name: "coredns" }, status: {} }] },
    };
    assert.deepEqual(
      judge(
        'answer = verify.not_ready(["a", "b", "c", "d"], given["nodes"]) + verify.dns_problems(given["dns"])',
        input,
      ),
      [
        "b is not Ready: CNI is not ready",
        "c is not Ready: no word from its kubelet",
        "d is no node of the cluster",
        "no CoreDNS pod is ready",
      ],
    );
  });

  it("names what an add-on's API server does not answer for, and the reason that the cluster knows", () => {
    const judged = judge(
      `
import subprocess
class Kubectl(verify.Kubectl):
    def run(self, *words, **more):
        code, out, err = given.get(" ".join(words), [0, "", ""])
        return subprocess.CompletedProcess(words, code, out, err)
answer = verify.resource_problems(Kubectl("kubectl", "config"), ["hosts.v3.x.org", "rules.v3.x.org", "pods"])
`,
      {
        "get hosts.v3.x.org -o name --chunk-size=1": [1, "", "Error from server: unavailable\n"],
        "get apiservice v3.x.org -o json": [
          0,
          JSON.stringify({
            status: {
              conditions: [{ type: "Available", status: "False", message: "no endpoints" }],
            },
          }),
          "",
        ],
        "get pods -o name --chunk-size=1": [1, "", "Forbidden"],
      },
    );
    assert.deepEqual(judged, [
      "the cluster does not serve hosts.v3.x.org yet: Error from server: unavailable (no endpoints)",
      "the cluster does not serve pods yet: Forbidden",
    ]);
  });

  it("makes no pod, and fails, while such an API server is not there", () => {
    const judged = judge(
      `
import json, subprocess, tempfile
asked = []
def run(words, **more):
    asked.append(" ".join(words[4:] if words[3].startswith("--request") else words))
    missing = "hosts.v3.x.org" in words
    return subprocess.CompletedProcess(words, 1 if missing else 0, "{\\"items\\": []}", "none" if missing else "")
verify.subprocess.run = run
verify.dns_problems = lambda deployments: []
verify.within = lambda seconds, look: look()
with tempfile.NamedTemporaryFile("w", suffix=".json") as spec:
    json.dump({"machines": {}, "resources": ["hosts.v3.x.org"], "pod": {"metadata": {"name": "smoke"}}}, spec)
    spec.flush()
    code = verify.main("kubectl", "config", spec.name)
answer = [code, any("smoke" in one for one in asked)]
`,
      null,
    );
    assert.deepEqual(judged, [1, false]);
  });

  it("asks again until the time is over, and no longer", () => {
    const asked = judge(
      `
now = [0.0]
def clock(): return now[0]
def pause(seconds): now[0] += seconds
looks = []
def look():
    looks.append(now[0])
    return [] if now[0] >= given else ["not yet"]
answer = [verify.within(30, look, clock, pause), len(looks)]
`,
      5,
    );
    assert.deepEqual(asked, [[], 6]);
    assert.deepEqual(
      judge('answer = verify.within(0, lambda: ["never"], lambda: 0.0, lambda s: None)', null),
      ["never"],
    );
  });
});

describe("the variables that a run is told", () => {
  it("are known to the checkout, and none that its roles set themselves", () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-variables-"));
    const write = (file: string, text: string) => {
      fs.mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
      fs.writeFileSync(path.join(home, file), text);
    };
    write("checkout/roles/a/defaults/main.yml", "free: 1\nboth: 1\n");
    write("checkout/roles/a/vars/main.yml", "kept: 1\nboth: 2\n");
    write("checkout/inventory/sample/group_vars/all/all.yml", "# commented: 1\n");
    const check = (names: readonly string[]): unknown => {
      write("inventory/group_vars/all/variables.yml", names.map((n) => `${n}: 1\n`).join(""));
      return python(
        `
import variables
from members import Refused
try:
    answer = variables.check(given)
except Refused as refusal:
    answer = str(refusal)
`,
        home,
      );
    };
    assert.equal(check(["free", "both", "commented", "ansible_port"]), null);
    assert.match(String(check(["free", "kept"])), /roles set the variable\(s\) kept themselves/);
    assert.match(String(check(["misspelt"])), /does not know the variable\(s\) misspelt/);
    fs.rmSync(home, { recursive: true });
  });
});
