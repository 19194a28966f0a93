const pod = (spec: object = {}) => ({ containers: [{ name: "x", image: "x" }], ...spec });
export const deployment = (spec: object = {}, template: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "x" },
  spec: { ...spec, template: { spec: pod(template) } },
});
export const service = (spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "x" },
  spec: { ports: [{ name: "http", port: 80 }], ...spec },
});
export const other = (kind: string, more: object = {}) => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "other" },
  ...more,
});

/** An object in the app's files, or in place of one, and what is said of it. */
export const CASES: readonly (readonly [
  name: string,
  objects: object[],
  found: RegExp,
  accepted: RegExp,
])[] = [
  [
    "a namespace of its own",
    [{ ...deployment(), metadata: { name: "x", namespace: "web" } }, service()],
    /^Deployment x: the namespace web$/,
    /^no namespace: all that the app has is put into x$/,
  ],
  [
    "a Namespace",
    [deployment(), service(), other("Namespace")],
    /^Namespace other: of a kind that the frame makes$/,
    /./,
  ],
  [
    "a PodSecurityPolicy",
    [deployment(), service(), other("PodSecurityPolicy")],
    /^PodSecurityPolicy other: of a kind that the frame makes$/,
    /podSecurity of the app; .* since 1\.25/,
  ],
  [
    "an Ingress",
    [deployment(), service(), other("Ingress")],
    /^Ingress other: of a kind that the frame makes$/,
    /^host and access/,
  ],
  [
    "a kind outside of its namespace",
    [deployment(), service(), other("ClusterRole")],
    /^ClusterRole other: outside of the app's namespace$/,
    /^none, or clusterWide: \[ClusterRole\] in the app's keys$/,
  ],
  [
    "a NodePort",
    [deployment(), service({ type: "NodePort", ports: [{ port: 80, nodePort: 30_099 }] })],
    /^Service x: the NodePort 30099$/,
    /^no type: ports of the app say .* such as ports: \{ http: /,
  ],
  [
    "a LoadBalancer",
    [deployment(), service({ type: "LoadBalancer" })],
    /: type LoadBalancer$/,
    /^no type/,
  ],
  [
    "replicas on a machine that sleeps",
    [deployment({ replicas: 2 }), service()],
    /^Deployment x: replicas: 2 on hazel, which sleeps$/,
    /^no replicas, or 1: the power layer/,
  ],
  [
    "an autoscaler there",
    [deployment(), service(), other("HorizontalPodAutoscaler")],
    /an autoscaler on hazel, which sleeps$/,
    /^none: the power layer/,
  ],
  [
    "a hostPath outside of its volumes",
    [
      deployment({}, { volumes: [{ name: "a", hostPath: { path: "/srv/x/../media" } }] }),
      service(),
    ],
    /the hostPath \/srv\/x\/\.\.\/media, outside of the app's volumes$/,
    /^a claim: volumes: /,
  ],
  [
    "the machine's network",
    [deployment({}, { hostNetwork: true }), service()],
    /^Deployment x: hostNetwork$/,
    /podSecurity: \{ level: privileged, reason: … \}/,
  ],
  [
    "another machine",
    [deployment({}, { nodeSelector: { "kubernetes.io/hostname": "maple" } }), service()],
    /^Deployment x: the machine maple$/,
    /machine of the app says it/,
  ],
  [
    "a Secret in plain",
    [deployment(), service(), other("Secret", { stringData: { a: "b" } })],
    /^Secret other: a Secret in plain$/,
    /^secrets of the app/,
  ],
  [
    "a variable that is a secret",
    [
      deployment({}, { containers: [{ name: "x", env: [{ name: "DB_PASSWORD", value: "abc" }] }] }),
      service(),
    ],
    /what looks like a secret in plain, containers\[0\]\.env\[DB_PASSWORD\]$/,
    /^secrets of the app/,
  ],
  [
    "a claim template",
    [deployment({ volumeClaimTemplates: [{ metadata: { name: "db" } }] }), service()],
    /the volumeClaimTemplate db/,
    /claimName: db/,
  ],
  [
    "an object twice",
    [deployment(), service(), service()],
    /^Service x, which is also at x\.yaml line/,
    /./,
  ],
  [
    "no object",
    [deployment(), service(), { kind: "X" }],
    /^a document without a text in apiVersion, metadata$/,
    /./,
  ],
];
