import assert from "node:assert/strict";
import { renderWanted } from "../../../components/bootstrap/kubespray/render-wanted";
import { python } from "./python";
import { argsOf } from "./sites";

const OUTPUT = `
PLAY [Gather facts] ************************************************************

TASK [Gather minimal facts] ****************************************************
ok: [masternode]

PLAY [Install etcd] ************************************************************

TASK [etcd : Optional] *********************************************************
fatal: [masternode]: FAILED! => {"changed": false, "msg": "no matter"}
...ignoring

TASK [etcd : Configure | Wait] *************************************************
fatal: [homelab -> masternode(192.168.4.63)]: FAILED! => {"changed": false, "msg": "non-zero return code", "stderr": "etcd: no leader", "rc": 1}
fatal: [storagenodet3500]: UNREACHABLE! => {"changed": false, "msg": "Failed to connect", "unreachable": true}
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
        "host: homelab",
        "play: Install etcd",
        "task: etcd : Configure | Wait",
        "message: non-zero return code",
        "etcd: no leader",
        "host: storagenodet3500",
        "play: Install etcd",
        "task: etcd : Configure | Wait",
        "message: Failed to connect",
        "",
      ].join("\n"),
    });
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

/** A cluster as kubectl shows it that is what the homelab's configuration describes. */
function found(args: ReturnType<typeof argsOf<"kubespray">>, mode: string): object {
  const node = (name: string, labels: object, ip: string): object => ({
    metadata: { name, labels, creationTimestamp: "2025-01-01T00:00:00Z" },
    status: {
      nodeInfo: { kubeletVersion: "v1.35.4" },
      addresses: [
        { type: "Hostname", address: name },
        { type: "InternalIP", address: ip },
      ],
    },
  });
  const control = { "node-role.kubernetes.io/control-plane": "" };
  const networks = `networking:\n  podSubnet: ${args.network.podCidr}\n  serviceSubnet: "${args.network.serviceCidr}"\n`;
  return {
    version: { serverVersion: { gitVersion: "v1.35.4" } },
    nodes: {
      items: args.machines.map((m) =>
        node(m.name, m.roles.includes("control-plane") ? control : {}, m.address),
      ),
    },
    configmaps: {
      items: [
        { metadata: { name: "kubeadm-config" }, data: { ClusterConfiguration: networks } },
        { metadata: { name: "kube-proxy" }, data: { "config.conf": `mode: ${mode}\n` } },
      ],
    },
    pools: { items: [{ spec: { ipipMode: "Always", vxlanMode: "Never" } }] },
  };
}

describe("a cluster that is already on the control plane", () => {
  /** What run.py decides: playbooks with their reasons, or the refusal. */
  const decide = (settings: Record<string, unknown>, more: Record<string, unknown> = {}) => {
    const args = argsOf("kubespray", settings);
    return python(
      `
import discover, run
from plan_steps import Refused
seen = given["found"]
record = discover.parse_found(seen["version"], seen["nodes"], seen["configmaps"], seen["pools"])
try:
    start, steps = run.decide(given["recorded"], given["begun"], given["kind"], record, given["wanted"])
    answer = [one["playbook"] + ": " + one["reason"] for one in steps]
except Refused as refusal:
    answer = {"refused": str(refusal), "todo": refusal.todo}
`,
      {
        found: found(args, "nftables"),
        recorded: null,
        begun: false,
        kind: "kubespray",
        wanted: renderWanted(args),
        ...more,
      },
    );
  };

  it("is adopted, and nothing runs, where it is as described", () => {
    assert.deepEqual(decide({ existing: "adopt" }), [
      "record: the cluster on the machines is as described: adopted",
    ]);
  });

  it("is changed only as the differences say, where it is not", () => {
    const args = argsOf("kubespray");
    assert.deepEqual(decide({ existing: "adopt" }, { found: found(args, "ipvs") }), [
      "cluster.yml: adopting: proxyMode is ipvs, wanted nftables",
    ]);
  });

  it("is refused by default, with the way to take it over", () => {
    assert.deepEqual(decide({ existing: "refuse" }), {
      refused: "a cluster (kubespray) runs here that this stack did not install",
      todo: "set vmstation:bootstrap.existing to adopt, to take it over as it is",
    });
  });

  it("is wiped only where its name is given as well", () => {
    assert.deepEqual(decide({ existing: "reset" }), {
      refused: "bootstrap.existing says reset, which wipes the cluster and all that is in it",
      todo: "set vmstation:bootstrap.resetClusterName to homelab as well, if that is what you want",
    });
    assert.deepEqual(decide({ existing: "reset", resetClusterName: "homelab" }), [
      "reset.yml: the old cluster is wiped",
      "cluster.yml: the first installation",
    ]);
  });

  it("is refused where another installer made it, whatever the policy", () => {
    for (const kind of ["rke2", "kubeadm", "worker"]) {
      const answer = decide({ existing: "reset", resetClusterName: "homelab" }, { kind });
      assert.match(JSON.stringify(answer), /of another installer/);
    }
  });

  it("is ours, and taken up again, where our own first installation was cut", () => {
    assert.deepEqual(decide({ existing: "refuse" }, { begun: true }), [
      "cluster.yml: the first installation",
    ]);
  });

  it("refuses to adopt one with other networks", () => {
    const args = argsOf("kubespray");
    const other = { ...args, network: { ...args.network, podCidr: "10.233.64.0/18" } };
    assert.match(
      JSON.stringify(decide({ existing: "adopt" }, { found: found(other, "nftables") })),
      /10\.233\.64\.0\/18.*cannot change under a running cluster/,
    );
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
