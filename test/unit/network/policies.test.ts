import assert from "node:assert/strict";
import * as fc from "fast-check";
import { renderNamespacePolicies } from "../../../components/network/render-policies";
import {
  isConnectionAllowed,
  parsePolicy,
  type Connection,
  type Endpoint,
  type Policy,
} from "../../support/policies";
import { homelabSite } from "../../support/site";
import { PODS } from "../monitoring/pods";

const policies: readonly Policy[] = homelabSite().facts.namespaces.flatMap((need) =>
  renderNamespacePolicies(need).map(({ spec }) => parsePolicy(need.name, spec)),
);

let last = 0;
const pod = (
  name: string,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Endpoint => ({
  ...{ name, namespace, labels },
  address: `10.244.1.${++last}`,
});

const MONITORING = Object.entries(PODS).map(([name, labels]) => pod(name, "monitoring", labels));
const JELLYFIN = pod("jellyfin", "jellyfin", {
  "app.kubernetes.io/name": "jellyfin",
  "app.kubernetes.io/instance": "jellyfin",
});
const DNS = pod("dns", "kube-system", { "k8s-app": "kube-dns" });
const STRANGER = pod("stranger", "default", PODS.prometheus);
const OUTSIDE: readonly Endpoint[] = [
  { name: "laptop", address: "192.168.8.20" },
  { name: "maple", address: "192.168.8.63" },
  { name: "hazel", address: "192.168.8.62" },
  { name: "bmc", address: "192.168.8.60" },
  { name: "internet", address: "93.184.216.34" },
];
const EVERYBODY = [...MONITORING, JELLYFIN, DNS, STRANGER, ...OUTSIDE];

const named = (name: string): Endpoint => {
  const found = EVERYBODY.find((each) => each.name === name);
  if (found === undefined) throw new Error(`nobody is called ${name}`);
  return found;
};

/** Names of those who reach a port. */
function whoReaches(to: string, port: number, protocol: "TCP" | "UDP" = "TCP"): string[] {
  return EVERYBODY.filter(({ name }) => name !== to)
    .filter((from) => isConnectionAllowed(policies, { from, to: named(to), port, protocol }))
    .map(({ name }) => name);
}

const LAN = ["laptop", "maple", "hazel", "bmc"];

describe("who reaches whom under the homelab's policies", () => {
  // Prometheus may read every pod; the blackbox exporter has to be able to go anywhere, as a browser.
  const expected: readonly (readonly [to: string, port: number, from: readonly string[]])[] = [
    ["prometheus", 9090, ["grafana", "blackbox", ...LAN]],
    ["grafana", 3000, ["prometheus", "blackbox", ...LAN]],
    // It knows no log-in: of the LAN only the cluster's own machines reach it, for the checks.
    ["loki", 3100, ["prometheus", "grafana", "alloy", "blackbox", "maple", "hazel"]],
    ["loki", 9095, ["prometheus"]],
    ["alertmanager", 9093, ["prometheus"]],
    ["operator", 8080, ["prometheus"]],
    ["kubeStateMetrics", 8080, ["prometheus"]],
    ["alloy", 12345, ["prometheus"]],
    ["blackbox", 9115, ["prometheus"]],
    ["ipmi", 9290, ["prometheus"]],
    ["jellyfin", 8096, ["prometheus", "blackbox", "dns", "stranger", ...LAN]],
    ["jellyfin", 8920, ["prometheus", "blackbox", "dns", "stranger", ...LAN]],
  ];
  for (const [to, port, from] of expected)
    it(`${to}:${port}: ${from.join(", ")}`, () => {
      assert.deepEqual(whoReaches(to, port).sort(), [...from].sort());
    });

  it("only Prometheus reaches a port that no policy names", () => {
    for (const { name } of MONITORING)
      for (const from of whoReaches(name, 22)) assert.equal(from, "prometheus", name);
    assert.deepEqual(whoReaches("jellyfin", 22), []);
  });

  it("each of their pods may ask the cluster's DNS, by both protocols", () => {
    for (const protocol of ["TCP", "UDP"] as const)
      for (const from of [...MONITORING, JELLYFIN])
        assert.ok(isConnectionAllowed(policies, { from, to: DNS, port: 53, protocol }), from.name);
  });

  it("only what uses the API reaches the API server", () => {
    const inside = [...MONITORING, JELLYFIN].map(({ name }) => name);
    assert.deepEqual(
      whoReaches("maple", 6443)
        .filter((name) => inside.includes(name))
        .sort(),
      ["alloy", "blackbox", "kubeStateMetrics", "operator", "prometheus"],
    );
  });

  it("only the IPMI exporter and the prober reach a BMC", () => {
    const inside = [...MONITORING, JELLYFIN].map(({ name }) => name);
    assert.deepEqual(
      whoReaches("bmc", 623, "UDP")
        .filter((name) => inside.includes(name))
        .sort(),
      ["blackbox", "ipmi"],
    );
  });

  it("Jellyfin gets to web servers on the internet, and to nothing at home", () => {
    const reached = EVERYBODY.filter((to) =>
      isConnectionAllowed(policies, { from: JELLYFIN, to, port: 443, protocol: "TCP" }),
    );
    assert.deepEqual(
      reached.map(({ name }) => name),
      ["internet"],
    );
    assert.deepEqual(
      whoReaches("internet", 25).filter((name) => name === "jellyfin"),
      [],
    );
  });
});

describe("policies of one namespace", () => {
  const endpoint = fc.constantFrom(...EVERYBODY);
  const connection = fc.record<Connection>({
    from: endpoint,
    to: endpoint,
    port: fc.constantFrom(22, 53, 623, 3000, 3100, 6443, 8096, 9090, 9100),
    protocol: fc.constantFrom("TCP", "UDP"),
  });
  const denied = policies.filter(({ spec }) => spec.ingress.length + spec.egress.length === 0);

  it("let nothing in or out by themselves but what one of them names", () => {
    fc.assert(
      fc.property(connection, (each) => {
        const owned = [each.from, each.to].some(({ namespace = "" }) =>
          ["monitoring", "jellyfin"].includes(namespace),
        );
        assert.equal(isConnectionAllowed(denied, each), !owned);
      }),
    );
  });

  it("never block what another policy allows", () => {
    const some = fc.subarray([...policies]);
    fc.assert(
      fc.property(some, some, connection, (a, b, each) => {
        const fewer = [...denied, ...a];
        if (isConnectionAllowed(fewer, each))
          assert.ok(isConnectionAllowed([...fewer, ...b], each));
      }),
    );
  });
});

describe("a policy about all pods", () => {
  it("says so as the API server keeps it, of its own pods and of others", () => {
    const all = { pods: {}, ports: [], peers: [{ pods: {} }, { pods: {}, namespace: "apart" }] };
    const policies = renderNamespacePolicies({
      ...{ name: "feed", podSecurity: "restricted" },
      policies: [
        { ...all, name: "from-its-pods", direction: "ingress" },
        { ...all, name: "to-its-pods", direction: "egress" },
      ],
    });
    assert.equal(policies.length, 4);
    assert.doesNotMatch(JSON.stringify(policies), /"matchLabels":{}/);
  });
});
