import assert from "node:assert/strict";
import { listRecords } from "../../../components/platform/names/records";
import {
  renderCorefile,
  renderRouterLine,
  renderZone,
} from "../../../components/platform/names/render-zone";
import { named, type Recorded } from "../../support/mocks";
import { recordStack } from "../../support/stack";
import type { Change } from "../../support/homelab";
import { judgePlatform, type Observed } from "./platform-checks";
import { LOAD_BALANCER, platformSite } from "./sites";

const NAMES = { address: "192.168.8.231", records: { printer: "192.168.8.20" } };
const DOMAIN: Change = [["lan", "domain"], "home.arpa"];
const site = platformSite({ loadBalancer: LOAD_BALANCER, names: NAMES }, DOMAIN);
const withIngress = platformSite(
  { loadBalancer: LOAD_BALANCER, ingress: { address: "192.168.8.230" }, names: NAMES },
  DOMAIN,
);

const namesOf = (of: typeof site): Record<string, string> =>
  Object.fromEntries(
    (of.platform?.offers.names?.records ?? []).map(({ name, address }) => [name, address]),
  );

describe("names on the LAN", () => {
  let graph: Recorded[];
  before(async () => {
    graph = await recordStack(site);
  });

  it("are those of machines, asleep or awake, of apps and of further records", () => {
    const { machines } = site;
    const wanted = Object.fromEntries(machines.map(({ name, address }) => [name, address]));
    const { ns, printer, jellyfin, minecraft, ...rest } = namesOf(site);
    assert.deepEqual(rest, wanted);
    assert.equal(ns, "192.168.8.231");
    assert.equal(printer, "192.168.8.20");
    // Their machine sleeps: the control plane holds their ports.
    assert.equal(jellyfin, site.controller?.address);
    if (minecraft !== undefined) assert.equal(minecraft, site.controller?.address);
  });

  it("are the ingress' where there is one, but for machines and records", () => {
    const found = namesOf(withIngress);
    assert.equal(found["*"], "192.168.8.230");
    assert.equal(found.jellyfin, undefined);
    assert.equal(found.maple, "192.168.8.63");
  });

  it("are a zone that changes its serial with its content, and only then", () => {
    const records = [{ name: "nas", address: "192.168.1.5", path: "x" }];
    const zone = renderZone("home.arpa", records);
    assert.equal(zone, renderZone("home.arpa", records));
    assert.match(zone, /^\$ORIGIN home\.arpa\.\n\$TTL 60\n@ IN SOA ns hostmaster \d+ /);
    assert.match(zone, /\nnas IN A 192\.168\.1\.5\n$/);
    const other = renderZone("home.arpa", [{ name: "nas", address: "192.168.1.6", path: "x" }]);
    const serial = (text: string): string => /SOA ns hostmaster (\d+)/.exec(text)?.[1] ?? "";
    assert.notEqual(serial(zone), serial(other));
    assert.doesNotMatch(renderCorefile("home.arpa"), /forward|^\./m);
  });

  it("are answered on an address of the pool, after the load balancer is there", () => {
    const service = named(graph, "platform-names-service");
    assert.ok(service.dependencies.some((name) => name.startsWith("platform-load-balancer")));
    const { annotations } = service.inputs.metadata as { annotations: Record<string, string> };
    assert.equal(annotations["metallb.io/loadBalancerIPs"], "192.168.8.231");
    const pods = JSON.stringify(named(graph, "platform-names-server").inputs);
    assert.match(pods, /"values":\["maple"\]/);
    assert.match(pods, /coredns:1\.14\.2@sha256:/);
  });

  it("are told to the router by one line", () => {
    assert.equal(
      renderRouterLine("home.arpa", "192.168.8.231"),
      "server=/home.arpa/192.168.8.231 rebind-domain-ok=/home.arpa/",
    );
  });

  it("come out sorted, whatever the order of the configuration", () => {
    const config = {
      ...NAMES,
      replicas: 2,
      resources: { requests: { cpu: "1", memory: 1 }, limits: { cpu: "1", memory: 1 } },
    };
    const of = {
      machines: [...site.machines].reverse(),
      served: [],
      internalDomain: "home.arpa",
      lan: site.config.lan,
      offers: {},
    };
    const sorted = listRecords(config, of).map(({ name }) => name);
    assert.deepEqual(sorted, [...sorted].sort());
  });
});

describe("validate platform, of names", () => {
  it("asks for each name, and says which answer is wrong", () => {
    const right = namesOf(site);
    const state = (change: Record<string, object>): Observed => ({
      names: {
        ok: {
          ...Object.fromEntries(
            Object.entries(right).map(([name, address]) => [
              `${name}.home.arpa`,
              { ok: [address] },
            ]),
          ),
          ...change,
        },
      },
      services: { ok: { items: [] } },
      nodes: { ok: { items: [] } },
    });
    const silent = Object.fromEntries(
      Object.keys(right).map((name) => [`${name}.home.arpa`, { error: "does not answer" }]),
    );
    const judged = judgePlatform(site, [
      state({}),
      state({ "maple.home.arpa": { ok: ["192.168.8.99"] } }),
      state(silent),
    ]).map((checks) => checks.find((line) => line.startsWith("names")) ?? "");
    assert.match(judged[0] ?? "", /^names: pass: \d+ names$/);
    assert.match(judged[1] ?? "", /fail: maple\.home\.arpa: 192\.168\.8\.99, not 192\.168\.8\.63$/);
    assert.match(judged[2] ?? "", /fail: 192\.168\.8\.231 answers none of \d+ names/);
  });
});
