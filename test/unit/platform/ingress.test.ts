import assert from "node:assert/strict";
import { named, type Recorded } from "../../support/mocks";
import { recordStack } from "../../support/stack";
import { pod } from "../validation/cluster-state";
import { judgePlatform } from "./platform-checks";
import { LOAD_BALANCER, platformSite } from "./sites";

const INGRESS = { address: "192.168.8.230" };

describe("the ingress", () => {
  let graph: Recorded[];
  const site = platformSite(
    { loadBalancer: LOAD_BALANCER, ingress: INGRESS, internalDomain: "int.example.org" },
    [["apps", "jellyfin", "host"], "films"],
    [["monitoring", "grafana"], { host: "grafana" }],
    [["monitoring", "prometheus"], { host: "metrics" }],
    [["monitoring", "alertmanager"], { host: "alerts" }],
  );
  before(async () => {
    graph = await recordStack(site);
  });
  const inputs = (name: string) => named(graph, name).inputs;

  it("waits for the load balancer, which gives it its address", () => {
    const { dependencies } = named(graph, "platform-ingress-traefik");
    assert.ok(dependencies.includes("platform-load-balancer-pool"));
    assert.match(JSON.stringify(inputs("platform-ingress-traefik")), /192\.168\.8\.230/);
  });

  it("sends a name to the Service of what never sleeps", () => {
    assert.deepEqual(inputs("monitoring-grafana-route").spec, {
      ingressClassName: "traefik",
      rules: [
        {
          host: "grafana.int.example.org",
          http: {
            paths: [
              {
                path: "/",
                pathType: "Prefix",
                backend: {
                  service: { name: "kube-prometheus-stack-grafana", port: { number: 80 } },
                },
              },
            ],
          },
        },
      ],
    });
  });

  it("is where the links lead in what Grafana, Prometheus and Alertmanager send", () => {
    const stack = JSON.stringify(inputs("monitoring-kube-prometheus-stack").values);
    for (const url of [
      '"root_url":"https://grafana.int.example.org"',
      '"externalUrl":"https://metrics.int.example.org"',
      '"externalUrl":"https://alerts.int.example.org"',
    ])
      assert.ok(stack.includes(url), url);
    assert.match(
      JSON.stringify(inputs("monitoring-alertmanager-route").spec),
      /"host":"alerts\.int\.example\.org".*"name":"kube-prometheus-stack-alertmanager","port":\{"number":9093\}/,
    );
    const policies = site.facts.namespaces.find(({ name }) => name === "monitoring")?.policies;
    assert.ok(policies?.some(({ name }) => name === "alertmanager-from-ingress"));
  });

  it("sends the name of an app whose machine sleeps to the port that the control plane holds", () => {
    assert.match(JSON.stringify(inputs("apps-jellyfin-route").spec), /"name":"jellyfin-held"/);
    assert.equal("selector" in Object(inputs("apps-jellyfin-held").spec), false);
    const slice = inputs("apps-jellyfin-held-slice");
    assert.deepEqual(slice.endpoints, [
      { addresses: ["192.168.8.63"], conditions: { ready: true } },
    ]);
    assert.deepEqual(slice.ports, [{ name: "http", port: 30_096, protocol: "TCP" }]);
    const held = site.facts.firewall.find(({ purpose }) => purpose.startsWith("the ingress"));
    assert.deepEqual([held?.machines, held?.ports, held?.from], [["maple"], [30_096], ["pods"]]);
  });

  it("is let in by Grafana, and lets in the LAN alone", () => {
    const policies = (namespace: string) =>
      site.facts.namespaces.find(({ name }) => name === namespace)?.policies ?? [];
    const grafana = policies("monitoring").find(({ name }) => name === "grafana-from-ingress");
    assert.deepEqual(grafana?.peers, [
      { namespace: "traefik", pods: { "app.kubernetes.io/name": "traefik" } },
    ]);
    const lan = policies("traefik").find(({ name }) => name === "traefik-from-lan");
    assert.deepEqual(lan?.peers, [{ cidr: "192.168.8.0/24" }]);
    assert.ok(policies("traefik").every(({ name }) => name !== "traefik-from-tunnel"));
  });

  it("is judged by validate: at its address, at none, or without a pod", () => {
    const state = (ready: boolean, ...addresses: string[]) => ({
      pods: { ok: { items: [pod("traefik-1", { namespace: "traefik", ready })] } },
      services: {
        ok: {
          items: [
            {
              metadata: { name: "traefik", namespace: "traefik" },
              spec: { type: "LoadBalancer" },
              status: { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } },
            },
          ],
        },
      },
    });
    const judged = judgePlatform(site, [state(true, "192.168.8.230"), state(true), state(false)]);
    assert.deepEqual(
      judged.map((checks) => checks.find((line) => line.startsWith("ingress"))),
      [
        "ingress: pass: answers at 192.168.8.230",
        "ingress: fail: it has no address and not 192.168.8.230",
        "ingress: fail: it has no address and not 192.168.8.230; none of its pods is ready",
      ],
    );
  });
});
