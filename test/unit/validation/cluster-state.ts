/**
 * A healthy homelab as the checks see it: the fields of kubectl's, Prometheus' and the kubelet's answers that
 * they read, in the shapes those have. spruce is asleep with Jellyfin on it. Tests put faults into a copy.
 */
export interface ClusterState {
  now: number;
  sources: Record<string, { ok?: unknown; error?: string }>;
}

export const NOW = Date.parse("2026-11-20T12:00:00Z") / 1000;

const EARLIER = "2026-11-20T11:00:00Z";

export function node(name: string, status: string, labels: Record<string, string> = {}) {
  return {
    metadata: { name, labels },
    spec: {
      taints:
        name === "maple"
          ? [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }]
          : [],
    },
    status: {
      capacity: { cpu: "4", memory: "8035412Ki", "ephemeral-storage": "61611820Ki" },
      conditions: [
        { type: "MemoryPressure", status: status === "True" ? "False" : status },
        { type: "Ready", status },
      ],
    },
  };
}

interface PodOptions {
  namespace?: string;
  machine?: string | undefined;
  labels?: Record<string, string>;
  ready?: boolean;
  phase?: string;
  created?: string;
  restarts?: number;
  waiting?: string;
  /** It has ended with an error, at the last moment or before it was started for the last time. */
  crashed?: "now" | "before";
  daemonSet?: string;
}

export function pod(name: string, options: PodOptions = {}) {
  const { ready = true, phase = "Running", restarts = 0, daemonSet } = options;
  return {
    metadata: {
      name,
      namespace: options.namespace ?? "kube-system",
      labels: options.labels ?? {},
      creationTimestamp: options.created ?? EARLIER,
      ...(daemonSet === undefined
        ? {}
        : { ownerReferences: [{ kind: "DaemonSet", name: daemonSet }] }),
    },
    spec: "machine" in options ? { nodeName: options.machine } : { nodeName: "maple" },
    status: {
      phase,
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
      containerStatuses: [
        {
          name: "main",
          restartCount: restarts,
          ready: options.crashed === undefined,
          ...stateOf(options),
        },
      ],
    },
  };
}

function stateOf({ waiting, crashed }: PodOptions): object {
  const terminated = { exitCode: 1, reason: "Error" };
  if (crashed === "now") return { state: { terminated } };
  if (crashed === "before") return { state: { running: {} }, lastState: { terminated } };
  return { state: waiting === undefined ? { running: {} } : { waiting: { reason: waiting } } };
}

function service(name: string, namespace: string, selector: Record<string, string>) {
  return { metadata: { name, namespace }, spec: { selector } };
}

function slice(of: string, namespace: string, ready: boolean) {
  return {
    metadata: { name: `${of}-x1`, namespace, labels: { "kubernetes.io/service-name": of } },
    endpoints: [{ conditions: { ready } }],
  };
}

function target(job: string, instance: string, health: string) {
  return { labels: { job, instance }, health };
}

const list = (...items: unknown[]) => ({ ok: { items } });

function nodes() {
  return [
    node("maple", "True"),
    node("hazel", "True", { "vmstation.io/power-state": "awake" }),
    node("spruce", "Unknown", { "vmstation.io/power-state": "asleep" }),
  ];
}

function pods() {
  const everywhere = ["maple", "hazel", "spruce"].flatMap((machine) =>
    ["calico-node", "kube-proxy"].map((daemonSet) =>
      pod(`${daemonSet}-${machine}`, { machine, daemonSet, ready: machine !== "spruce" }),
    ),
  );
  return [
    ...everywhere,
    pod("coredns-1", { labels: { "k8s-app": "kube-dns" } }),
    // Every machine that is awake has one.
    pod("calico-typha-2", {
      namespace: "calico-system",
      machine: undefined,
      phase: "Pending",
      ready: false,
      labels: { "vmstation.io/sleeps-with": "any-machine" },
    }),
    pod("prometheus-0", { namespace: "monitoring", labels: { app: "prometheus" } }),
    pod("jellyfin-0", {
      namespace: "jellyfin",
      machine: "spruce",
      ready: false,
      labels: { app: "jellyfin", "vmstation.io/sleeps-with": "spruce" },
    }),
  ];
}

export function healthy(): ClusterState {
  const clock = { ok: { offset: 0.0004, synchronised: true } };
  return {
    now: NOW,
    sources: {
      readyz: { ok: "[+]ping ok\n[+]etcd ok\nreadyz check passed\n" },
      nodes: list(...nodes()),
      pods: list(...pods()),
      daemonsets: list({ metadata: { name: "calico-node" } }, { metadata: { name: "kube-proxy" } }),
      services: list(
        { metadata: { name: "kubernetes", namespace: "default" }, spec: {} },
        service("prometheus", "monitoring", { app: "prometheus" }),
        service("jellyfin", "jellyfin", { app: "jellyfin" }),
      ),
      endpointslices: list(
        slice("prometheus", "monitoring", true),
        slice("jellyfin", "jellyfin", false),
      ),
      volumes: list({ metadata: { name: "jellyfin-config" }, status: { phase: "Bound" } }),
      claims: list({
        metadata: { name: "config", namespace: "jellyfin" },
        status: { phase: "Bound" },
      }),
      summaries: {
        ok: {
          maple: { ok: { node: { fs: { availableBytes: 60e9, capacityBytes: 100e9 } } } },
        },
      },
      fileSystems: {
        ok: {
          maple: { ok: { "/": 0.4, "/srv/monitoring_data": 0.7 } },
          hazel: { ok: { "/": 0.2 } },
          spruce: { error: "timed out" },
        },
      },
      networkpolicies: list(
        ...["monitoring", "jellyfin"].map((namespace) => ({
          metadata: { name: "default-deny", namespace },
          spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
        })),
      ),
      dns: {
        ok: {
          "kubernetes.default.svc.cluster.local": { ok: ["10.96.0.1"] },
          "debian.org": { ok: ["128.31.0.62"] },
        },
      },
      gateway: { ok: true },
      endpoint: {
        ok: {
          answer: 401,
          holds: { maple: { ok: 0 }, hazel: { ok: 1 }, spruce: { error: "timed out" } },
        },
      },
      podNetwork: { ok: { maple: null, hazel: null } },
      http: { ok: { "http://192.168.8.63:30300/api/health": { ok: 200 } } },
      targets: {
        ok: {
          data: {
            activeTargets: [
              target("node-exporter", "192.168.8.63:9100", "up"),
              target("node-exporter", "192.168.8.61:9100", "down"),
            ],
          },
        },
      },
      notifications: { ok: { data: { result: [] } } },
      certificates: { ok: { "/etc/kubernetes/ssl/apiserver.crt": { ok: NOW + 200 * 86_400 } } },
      ownClock: clock,
      clocks: {
        ok: {
          maple: clock,
          hazel: clock,
          spruce: { error: "timed out" },
        },
      },
    },
  };
}
