import { NOW, pod } from "./cluster-state";
import { add, type FaultCase, set } from "./fault";

/** Faults of what the cluster stands on and offers: storage, network, services, monitoring, certificates, time. */
export const SERVICE_FAULTS: readonly FaultCase[] = [
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
    /maple: 95% used/,
    set("summaries", {
      maple: { ok: { node: { fs: { availableBytes: 5, capacityBytes: 100 } } } },
    }),
  ],
  [
    "a full disk that no kubelet knows of",
    "storage: file systems",
    /^maple: \/srv\/monitoring_data is 97% used$/,
    set("fileSystems", { maple: { ok: { "/": 0.4, "/srv/monitoring_data": 0.97 } } }),
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
  [
    "a virtual address that does not answer",
    "endpoint: virtual address",
    /^https:\/\/192\.168\.8\.9:6443\/readyz answers with timed out$/,
    set("endpoint", { answer: "timed out", holds: {} }),
  ],
  [
    "a virtual address that two control planes hold",
    "endpoint: virtual address",
    /^maple and hazel hold 192\.168\.8\.9 at the same time$/,
    set("endpoint", { answer: 200, holds: { maple: { ok: 1 }, hazel: { ok: 1 } } }),
  ],
  [
    "a virtual address that answers from somewhere else",
    "endpoint: virtual address",
    /^no control plane says that it holds 192\.168\.8\.9$/,
    set("endpoint", { answer: 200, holds: { maple: { ok: 0 }, hazel: { ok: 0 } } }),
  ],
  ["a silent gateway", "network: gateway", /192\.168\.8\.1 does not answer/, set("gateway", false)],
  [
    "a pod network that does not reach a machine",
    "network: pod network",
    /no pod on hazel in reach \(100% packet loss\)/,
    set("podNetwork", { maple: null, hazel: "100% packet loss" }),
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
    set("http", { "http://192.168.8.63:30300/api/health": { error: "HTTP Error 503" } }),
  ],
  [
    "targets that are down",
    "monitoring: targets",
    /node-exporter 192\.168\.8\.62:9100/,
    set("targets", {
      data: {
        activeTargets: [
          { labels: { job: "node-exporter", instance: "192.168.8.62:9100" }, health: "down" },
        ],
      },
    }),
  ],
  [
    "alerts that do not arrive",
    "monitoring: notifications",
    /^email: 3 given up in the last hour$/,
    set("notifications", {
      data: { result: [{ metric: { integration: "email" }, value: [NOW, "3.02"] }] },
    }),
  ],
  [
    "a certificate that ends soon",
    "certificates: validity",
    /apiserver\.crt ends in 29 days/,
    set("certificates", { "/etc/kubernetes/ssl/apiserver.crt": { ok: NOW + 29.5 * 86_400 } }),
  ],
  [
    "a certificate that has ended",
    "certificates: validity",
    /apiserver\.crt ended 2 days ago/,
    set("certificates", { "/etc/kubernetes/ssl/apiserver.crt": { ok: NOW - 2 * 86_400 } }),
  ],
  [
    "a clock that is off",
    "time: clocks",
    /hazel is -2\.000 s off/,
    set("clocks", { hazel: { ok: { offset: -2, synchronised: true } } }),
  ],
  [
    "a clock that nobody keeps",
    "time: clocks",
    /hazel is not synchronised/,
    set("clocks", { hazel: { ok: { offset: 0, synchronised: false } } }),
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
    /hazel: Connection refused/,
    set("clocks", { hazel: { error: "Connection refused" } }),
  ],
  [
    "a certificate that cannot be read, beside one that ended",
    "certificates: validity",
    /a\.crt cannot be read: openssl: bad; .*b\.crt ended 2 days ago/,
    set("certificates", {
      "/etc/kubernetes/ssl/a.crt": { error: "openssl: bad" },
      "/etc/kubernetes/ssl/b.crt": { ok: NOW - 2 * 86_400 },
    }),
  ],
  [
    "no certificate at all",
    "certificates: validity",
    /no certificate of the cluster/,
    set("certificates", {}),
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
    /hazel: kubectl: timed out/,
    set("summaries", { hazel: { error: "kubectl: timed out" } }),
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
