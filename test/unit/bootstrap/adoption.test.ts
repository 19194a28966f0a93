import assert from "node:assert/strict";
import { renderWanted } from "../../../components/bootstrap/kubespray/render-wanted";
import { python } from "./python";
import { argsOf } from "./sites";

type Args = ReturnType<typeof argsOf<"kubespray">>;

const API_SERVER = `spec:
  containers:
  - command:
    - kube-apiserver
    - --default-not-ready-toleration-seconds=300
    - --secure-port=6443
`;

const KUBELET = `clusterDNS:
- 10.96.0.3
maxPods: 110
kubeReserved:
  cpu: "100m"
  memory: "256Mi"
  ephemeral-storage: "500Mi"
systemReservedCgroup: /system.slice
systemReserved:
  cpu: "500m"
  memory: "512Mi"
  ephemeral-storage: "500Mi"
`;

/** What lies on a control plane that Kubespray made with the homelab's settings. */
const FILES: Readonly<Record<string, string>> = {
  "/etc/kubernetes/manifests/kube-apiserver.yaml": API_SERVER,
  "/etc/kubernetes/manifests/kube-controller-manager.yaml":
    "    - --node-monitor-grace-period=40s\n    - --node-monitor-period=5s\n",
  "/etc/kubernetes/kubelet-config.yaml": KUBELET,
  "/etc/cni/net.d/10-calico.conflist": '{"plugins": [{"type": "calico", "mtu": 1480}]}',
  "/etc/etcd.env":
    "ETCD_METRICS=basic\nETCD_LISTEN_METRICS_URLS=http://192.168.8.63:2381,http://127.0.0.1:2381\n",
  "/usr/local/bin/helm": "",
  "/etc/systemd/system/k8s-certs-renew.timer": "",
};

const workload = (namespace: string, name: string, nodeSelector: object = {}) => ({
  metadata: { namespace, name },
  spec: { template: { spec: { nodeSelector } } },
});

const WORKLOADS = [
  workload("kube-system", "coredns", {
    "kubernetes.io/os": "linux",
    "vmstation.io/addons": "true",
  }),
  workload("kube-system", "metrics-server"),
  workload("calico-apiserver", "calico-apiserver"),
];

/** What a cluster looks like otherwise than the homelab's. */
interface Otherwise {
  readonly mode?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly workloads?: readonly object[];
  /** Labels of one machine, instead of the wanted ones. */
  readonly labels?: Readonly<Record<string, object>>;
}

/** A cluster as kubectl and its files show it that is what the homelab's configuration describes, but for what is told. */
function found(args: Args, otherwise: Otherwise = {}): object {
  const { machines } = renderWanted(args);
  const node = (name: string, more: object, ip: string): object => ({
    metadata: {
      name,
      labels: { ...(otherwise.labels?.[name] ?? machines[name]?.vars.node_labels), ...more },
      creationTimestamp: "2025-01-01T00:00:00Z",
    },
    spec: {
      taints: machines[name]?.vars.node_taints.map((taint) => {
        const [key = "", effect = ""] = taint.split(":");
        return { key, effect };
      }),
    },
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
  const proxy = `metricsBindAddress: 0.0.0.0:10249\nmode: ${otherwise.mode ?? "nftables"}\n`;
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
        { metadata: { name: "calico-config" }, data: { calico_backend: "bird" } },
        { metadata: { name: "kube-proxy" }, data: { "config.conf": proxy } },
      ],
    },
    pools: { items: [{ spec: { ipipMode: "Always", vxlanMode: "Never" } }] },
    workloads: { items: otherwise.workloads ?? WORKLOADS },
    files: { ...FILES, ...otherwise.files },
  };
}

describe("a cluster that is already on the control plane", () => {
  /** What run.py decides: playbooks with their reasons, or the refusal. */
  const decide = (settings: Record<string, unknown>, more: Record<string, unknown> = {}) => {
    const args = argsOf("kubespray", settings);
    return python(
      `
import discover, run
from members import Refused
seen = given["found"]
record = discover.parse_found(
    seen["version"], seen["nodes"], seen["configmaps"], seen["pools"], seen["workloads"], seen["files"]
)
try:
    start, steps = run.decide(given["recorded"], given["begun"], given["kind"], record, given["wanted"])
    answer = [one["playbook"] + ": " + one["reason"] for one in steps]
except Refused as refusal:
    answer = {"refused": str(refusal), "advice": refusal.advice}
`,
      {
        found: found(args),
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
    assert.deepEqual(decide({ existing: "adopt" }, { found: found(args, { mode: "ipvs" }) }), [
      "cluster.yml: adopting: proxyMode is ipvs, wanted nftables",
    ]);
  });

  it("is changed by the whole playbook where any variable that shows is another", () => {
    const args = argsOf("kubespray");
    const kubelet = "/etc/kubernetes/kubelet-config.yaml";
    const files = {
      [kubelet]: KUBELET.replace("110", "250").replace("512Mi", "1Gi"),
      "/etc/etcd.env": "ETCD_METRICS=basic\n",
    };
    const workloads = [workload("kube-system", "coredns")];
    assert.deepEqual(decide({ existing: "adopt" }, { found: found(args, { files, workloads }) }), [
      "cluster.yml: adopting: " +
        [
          "calicoApiServer is off, wanted on",
          "coreDnsSelector is none, wanted vmstation.io/addons=true",
          "etcdMetricsPort is none, wanted 2381",
          "maxPods is 250, wanted 110",
          "metricsServer is off, wanted on",
          "systemReserved is 500m 1Gi, wanted 500m 512Mi",
        ].join("; "),
    ]);
  });

  it("is refused if fixed settings of the cluster differ, and all of them are named at once", () => {
    const args = argsOf("kubespray");
    const api = "/etc/kubernetes/manifests/kube-apiserver.yaml";
    const files = {
      [api]: `${API_SERVER.replace("6443", "8443")}    - --encryption-provider-config=/x\n`,
      "/etc/kubernetes/metallb.yaml": "",
    };
    const workloads = [...WORKLOADS, workload("metallb-system", "controller")];
    const answer = JSON.stringify(
      decide({ existing: "adopt" }, { found: found(args, { files, workloads }) }),
    );
    assert.match(
      answer,
      /bootstrap\.apiServerPort: the cluster has 8443, the configuration says 6443/,
    );
    assert.match(
      answer,
      /bootstrap\.encryption: the cluster has true, the configuration says false/,
    );
    assert.match(answer, /bootstrap\.addons\.metallb: .*kubectl delete -f/);
  });

  it("may have an add-on of somebody else's, which Kubespray has not laid down", () => {
    const args = argsOf("kubespray");
    const workloads = [...WORKLOADS, workload("ci", "registry")];
    assert.deepEqual(decide({ existing: "adopt" }, { found: found(args, { workloads }) }), [
      "cluster.yml: adopting: registry is on, wanted off",
    ]);
  });

  it("gets labels by their tags only, where nothing else is another", () => {
    const args = argsOf("kubespray");
    const labels = { hazel: { "vmstation.io/role": "something-else" } };
    assert.deepEqual(decide({ existing: "adopt" }, { found: found(args, { labels }) }), [
      "cluster.yml: adopting: labels or taints of hazel",
    ]);
  });

  it("may have more names in its certificate than are wanted, and not fewer", () => {
    const lacking = decide({ existing: "adopt", apiServerSans: ["10.0.0.9", "k8s.lan"] });
    assert.deepEqual(lacking, ["record: the cluster on the machines is as described: adopted"]);
    const answer = python(
      `
import observe
text = "apiServer:\\n  certSANs:\\n  - \\"kubernetes\\"\\n  - k8s.lan\\n  extraArgs: []\\n"
found = {"certificateNames": observe.items(text, "certSANs")}
answer = [found, observe.differences(found, {"certificateNames": given})]
`,
      ["k8s.lan", "10.0.0.9"],
    );
    assert.deepEqual(answer, [
      { certificateNames: ["kubernetes", "k8s.lan"] },
      ["certificateNames lacks 10.0.0.9"],
    ]);
  });

  it("is refused by default, with the way to take it over", () => {
    assert.deepEqual(decide({ existing: "refuse" }), {
      refused: "a cluster (kubespray) runs here that this stack did not install",
      advice: "set vmstation:bootstrap.existing to adopt, to take it over as it is",
    });
  });

  it("is wiped only where its name is given as well", () => {
    assert.deepEqual(decide({ existing: "reset" }), {
      refused: "bootstrap.existing says reset, which wipes the cluster and all that is in it",
      advice:
        "set vmstation:bootstrap.resetClusterName to homelab as well, if that is what you want",
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

  it("is ours, and continued, where our own first installation was cut", () => {
    assert.deepEqual(decide({ existing: "refuse" }, { begun: true }), [
      "cluster.yml: the first installation",
    ]);
  });

  it("refuses to adopt one with other networks", () => {
    const args = argsOf("kubespray");
    const other = { ...args, network: { ...args.network, podCidr: "10.233.64.0/18" } };
    assert.match(
      JSON.stringify(decide({ existing: "adopt" }, { found: found(other) })),
      /10\.233\.64\.0\/18.*cannot change under a running cluster/,
    );
  });
});
