import { z } from "zod";
import { node, pod } from "./cluster-state";
import { add, type FaultCase, nodesWith, set } from "./fault";

/** Faults of the cluster itself, its machines and its pods. */
export const CLUSTER_FAULTS: readonly FaultCase[] = [
  [
    "a failing part of the API",
    "cluster: API",
    /\[-\]etcd failed/,
    set("readyz", "[-]etcd failed: reason\n"),
  ],
  [
    "a machine that is not Ready and not asleep",
    "cluster: machines ready",
    /^hazel is not Ready$/,
    nodesWith(node("hazel", "Unknown", { "vmstation.io/power-state": "awake" })),
  ],
  [
    "a machine that is missing",
    "cluster: machines ready",
    /^hazel is not part of the cluster$/,
    set("nodes", { items: [node("maple", "True"), node("spruce", "True")] }),
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
    /hazel has 1 cores; hazel has 2000000Ki/,
    nodesWith({
      ...node("hazel", "True"),
      status: {
        ...node("hazel", "True").status,
        capacity: { cpu: "1", memory: "2000000Ki", "ephemeral-storage": "61611820Ki" },
      },
    }),
  ],
  [
    "a virtual machine that was not restarted since it got more",
    "hypervisor: size",
    /hazel runs with 2 processors instead of 4; hazel runs with 4017706Ki of memory instead of 8192Mi; hazel uses 30832548Ki of its disk of 64Gi$/,
    nodesWith({
      ...node("hazel", "True"),
      status: {
        ...node("hazel", "True").status,
        capacity: { cpu: "2", memory: "4017706Ki", "ephemeral-storage": "30832548Ki" },
      },
    }),
  ],
  [
    "a virtual machine that somebody has given more",
    "hypervisor: size",
    /hazel runs with 16395000Ki of memory instead of 8192Mi$/,
    nodesWith({
      ...node("hazel", "True"),
      status: {
        ...node("hazel", "True").status,
        capacity: { cpu: "4", memory: "16395000Ki", "ephemeral-storage": "61611820Ki" },
      },
    }),
  ],
  [
    "a lost taint",
    "nodes: taints",
    /maple lacks node-role\.kubernetes\.io\/control-plane:NoSchedule/,
    nodesWith({ ...node("maple", "True"), spec: { taints: [] } }),
  ],
  [
    "a machine that did not wake",
    "nodes: power",
    /spruce did not wake/,
    nodesWith(node("spruce", "Unknown", { "vmstation.io/power-state": "failed" })),
  ],
  [
    "a crash loop",
    "pods: crash loops",
    /monitoring\/loki-0 \(main: CrashLoopBackOff\)/,
    add("pods", pod("loki-0", { namespace: "monitoring", waiting: "CrashLoopBackOff" })),
  ],
  [
    "a crash loop, just after a crash",
    "pods: crash loops",
    /^default\/web \(main: ended with 1\)$/,
    add("pods", pod("web", { namespace: "default", restarts: 2, crashed: "now" })),
  ],
  [
    "a crash loop, just after another start",
    "pods: crash loops",
    /^default\/web \(main: ended with 1\)$/,
    add("pods", pod("web", { namespace: "default", restarts: 2, crashed: "before" })),
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
    "no kube-proxy on an awake machine",
    "cluster: kube-proxy",
    /^none on new$/,
    add("nodes", node("new", "True")),
  ],
  [
    "a machine short of room",
    "nodes: pressure",
    /^hazel: DiskPressure$/,
    nodesWith({
      ...node("hazel", "True"),
      status: {
        ...node("hazel", "True").status,
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
];
