import { z } from "zod";
import { node, NOW, pod, type ClusterState } from "./cluster-state";

export type Fault = (state: ClusterState) => void;

/** Puts `items` at the end of a list that kubectl answered. */
export function add(source: string, ...items: unknown[]): Fault {
  return (state) => {
    const { ok } = z
      .object({ ok: z.object({ items: z.array(z.unknown()) }) })
      .parse(state.sources[source]);
    state.sources[source] = { ok: { items: [...ok.items, ...items] } };
  };
}

export function set(source: string, ok: unknown): Fault {
  return (state) => {
    state.sources[source] = { ok };
  };
}

export const nodesWith = (changed: ReturnType<typeof node>): Fault =>
  set("nodes", {
    items: [
      ...[
        node("masternode", "True"),
        node("homelab", "True"),
        node("storagenodet3500", "True"),
      ].filter((n) => n.metadata.name !== changed.metadata.name),
      changed,
    ],
  });

/** One fault for each check: what it is, the check that finds it, what that says, and how it comes about. */
export const FAULTS: readonly (readonly [
  what: string,
  check: string,
  found: RegExp,
  fault: Fault,
])[] = [
  [
    "a failing part of the API",
    "cluster: API",
    /\[-\]etcd failed/,
    set("readyz", "[-]etcd failed: reason\n"),
  ],
  [
    "a machine that is not Ready and not asleep",
    "cluster: machines ready",
    /^homelab is not Ready$/,
    nodesWith(node("homelab", "Unknown", { "vmstation.io/power-state": "awake" })),
  ],
  [
    "a machine that is missing",
    "cluster: machines ready",
    /^homelab is not part of the cluster$/,
    set("nodes", { items: [node("masternode", "True"), node("storagenodet3500", "True")] }),
  ],
  [
    "a sick system pod",
    "cluster: system pods",
    /^etcd-1$/,
    add("pods", pod("etcd-1", { ready: false })),
  ],
  [
    "CoreDNS down",
    "cluster: cluster DNS",
    /none of 1 CoreDNS pods/,
    (state) => {
      const text = JSON.stringify(state.sources.pods);
      const sick = pod("coredns-1", { labels: { "k8s-app": "kube-dns" }, ready: false });
      const well = JSON.stringify(pod("coredns-1", { labels: { "k8s-app": "kube-dns" } }));
      state.sources.pods = z
        .object({ ok: z.unknown() })
        .parse(JSON.parse(text.replace(well, JSON.stringify(sick))));
    },
  ],
  [
    "no Calico on an awake machine",
    "cluster: calico-node",
    /^none on new$/,
    add("nodes", node("new", "True")),
  ],
  ["no CNI at all", "cluster: calico-node", /not installed/, set("daemonsets", { items: [] })],
  [
    "a small machine",
    "nodes: resources",
    /homelab has 1 cores; homelab has 2000000Ki/,
    nodesWith({
      ...node("homelab", "True"),
      status: { ...node("homelab", "True").status, capacity: { cpu: "1", memory: "2000000Ki" } },
    }),
  ],
  [
    "a lost taint",
    "nodes: taints",
    /masternode lacks node-role\.kubernetes\.io\/control-plane:NoSchedule/,
    nodesWith({ ...node("masternode", "True"), spec: { taints: [] } }),
  ],
  [
    "a machine that did not wake",
    "nodes: power",
    /storagenodet3500 did not wake/,
    nodesWith(node("storagenodet3500", "Unknown", { "vmstation.io/power-state": "failed" })),
  ],
  [
    "a crash loop",
    "pods: crash loops",
    /monitoring\/loki-0 \(main: CrashLoopBackOff\)/,
    add("pods", pod("loki-0", { namespace: "monitoring", waiting: "CrashLoopBackOff" })),
  ],
  [
    "an image that cannot be pulled",
    "pods: images",
    /default\/web \(main: ImagePullBackOff\)/,
    add("pods", pod("web", { namespace: "default", waiting: "ImagePullBackOff" })),
  ],
  [
    "a pod that waits too long",
    "pods: pending",
    /^default\/web$/,
    add("pods", pod("web", { namespace: "default", phase: "Pending", machine: undefined })),
  ],
  [
    "too many restarts",
    "pods: restarts",
    /default\/web \(main: 6\)/,
    add("pods", pod("web", { namespace: "default", restarts: 6 })),
  ],
  [
    "a failed volume",
    "storage: volumes",
    /media is Failed/,
    add("volumes", { metadata: { name: "media" }, status: { phase: "Failed" } }),
  ],
  [
    "a pending claim",
    "storage: claims",
    /default\/data is Pending/,
    add("claims", {
      metadata: { name: "data", namespace: "default" },
      status: { phase: "Pending" },
    }),
  ],
  [
    "a full disk",
    "storage: disks",
    /masternode: 95% used/,
    set("summaries", {
      masternode: { ok: { node: { fs: { availableBytes: 5, capacityBytes: 100 } } } },
    }),
  ],
  [
    "a Service with nothing behind it",
    "services: endpoints",
    /monitoring\/prometheus/,
    set("endpointslices", { items: [] }),
  ],
  [
    "DNS that knows nothing outside",
    "network: external DNS",
    /debian\.org: no such name/,
    set("dns", {
      "kubernetes.default.svc.cluster.local": { ok: ["10.96.0.1"] },
      "debian.org": { error: "no such name" },
    }),
  ],
  ["a silent gateway", "network: gateway", /192\.168\.4\.1 does not answer/, set("gateway", false)],
  [
    "a pod network that does not reach a machine",
    "network: pod network",
    /no pod on homelab in reach \(100% packet loss\)/,
    set("podNetwork", { masternode: null, homelab: "100% packet loss" }),
  ],
  [
    "a namespace without default deny",
    "network: policies",
    /monitoring has no default deny/,
    set("networkpolicies", { items: [] }),
  ],
  [
    "a monitoring service that answers with an error",
    "monitoring: Grafana",
    /HTTP Error 503/,
    set("http", { "http://192.168.4.63:30300/api/health": { error: "HTTP Error 503" } }),
  ],
  [
    "targets that are down",
    "monitoring: targets",
    /node-exporter 192\.168\.4\.62:9100/,
    set("targets", {
      data: {
        activeTargets: [
          { labels: { job: "node-exporter", instance: "192.168.4.62:9100" }, health: "down" },
        ],
      },
    }),
  ],
  [
    "a certificate that ends soon",
    "certificates: validity",
    /apiserver\.crt ends in 29 days/,
    set("certificates", { "/etc/kubernetes/ssl/apiserver.crt": NOW + 29.5 * 86_400 }),
  ],
  [
    "a certificate that has ended",
    "certificates: validity",
    /apiserver\.crt ended 2 days ago/,
    set("certificates", { "/etc/kubernetes/ssl/apiserver.crt": NOW - 2 * 86_400 }),
  ],
  [
    "a clock that is off",
    "time: clocks",
    /homelab is -2\.000 s off/,
    set("clocks", { homelab: { ok: { offset: -2, synchronised: true } } }),
  ],
  [
    "a clock that nobody keeps",
    "time: clocks",
    /homelab is not synchronised/,
    set("clocks", { homelab: { ok: { offset: 0, synchronised: false } } }),
  ],
  [
    "a control plane whose clock is off",
    "time: control plane",
    /its clock is \+2\.000 s off/,
    set("ownClock", { offset: 2, synchronised: true }),
  ],
  [
    "a clock that cannot be read",
    "time: clocks",
    /homelab: Connection refused/,
    set("clocks", { homelab: { error: "Connection refused" } }),
  ],
  [
    "no certificate at all",
    "certificates: validity",
    /no certificate of the cluster/,
    set("certificates", {}),
  ],
  [
    "no kube-proxy on an awake machine",
    "cluster: kube-proxy",
    /^none on new$/,
    add("nodes", node("new", "True")),
  ],
  [
    "a machine short of room",
    "nodes: pressure",
    /^homelab: DiskPressure$/,
    nodesWith({
      ...node("homelab", "True"),
      status: {
        ...node("homelab", "True").status,
        conditions: [
          { type: "DiskPressure", status: "True" },
          { type: "Ready", status: "True" },
        ],
      },
    }),
  ],
  [
    "a container that cannot start",
    "pods: start",
    /default\/web \(main: CreateContainerConfigError\)/,
    add("pods", pod("web", { namespace: "default", waiting: "CreateContainerConfigError" })),
  ],
  [
    "a volume that nobody has released for others",
    "storage: volumes",
    /media is Released/,
    add("volumes", { metadata: { name: "media" }, status: { phase: "Released" } }),
  ],
  [
    "a kubelet that does not tell of its disk",
    "storage: disks",
    /homelab: kubectl: timed out/,
    set("summaries", { homelab: { error: "kubectl: timed out" } }),
  ],
  [
    "DNS that is down",
    "network: internal DNS",
    /kubernetes\.default\.svc\.cluster\.local: 10\.96\.0\.10 does not answer/,
    set("dns", {
      "kubernetes.default.svc.cluster.local": { error: "10.96.0.10 does not answer" },
      "debian.org": { error: "10.96.0.10 does not answer" },
    }),
  ],
  [
    "a pod of monitoring that is not Ready",
    "monitoring: pods",
    /^loki-0$/,
    add("pods", pod("loki-0", { namespace: "monitoring", ready: false })),
  ],
  [
    "Prometheus without targets",
    "monitoring: targets",
    /Prometheus has no targets/,
    set("targets", { data: { activeTargets: [] } }),
  ],
];
