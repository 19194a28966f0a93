import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { parts } from "../../../components/monitoring/list-parts";
import type { PartPlan } from "../../../components/monitoring/part";
import { planMonitoring, ruleGroups } from "../../../components/monitoring/plan";
import { planReleases } from "../../../components/monitoring/releases";
import type { Site } from "../../../stacks/site";
import { AddedProgram } from "../../support/added-program";
import type { Change } from "../../support/homelab";
import { named, type Recorded } from "../../support/mocks";
import { site as monitoringSite } from "./homelab";
import { allReleases } from "./releases";

/** What a part may not call a key of its own. */
const COMMON_KEYS = ["machine", "directory", "scrapeInterval", "clusterDomain", "charts"];

const ROOT = path.join(__dirname, "../../..");
const FIXTURE = path.join(ROOT, "test/support/fixtures/monitoring/line-speed.ts");

const isFunction = (value: unknown): boolean => typeof value === "function";
const siteModule = z.object({
  homelabSite: z.custom<(...changes: readonly Change[]) => Site>(isFunction),
});
type RecordStack = (site: Site, secrets: Record<string, string>) => Promise<Recorded[]>;
const stackModule = z.object({ recordStack: z.custom<RecordStack>(isFunction) });

describe("a part of monitoring", () => {
  it("is imported by the registry and by other parts alone", () => {
    const files = ["components", "stacks", "scripts"].flatMap((top) =>
      fs
        .readdirSync(path.join(ROOT, top), { recursive: true, encoding: "utf8" })
        .map((file) => path.join(top, file)),
    );
    const others = files.filter(
      (file) => file.endsWith(".ts") && !file.startsWith("components/monitoring/parts/"),
    );
    const importing = others.filter((file) =>
      /from "[^"]*(monitoring|\.)\/parts\//.test(fs.readFileSync(path.join(ROOT, file), "utf8")),
    );
    assert.deepEqual(importing, ["components/monitoring/registry.ts"]);
  });
});

describe("the parts of monitoring", () => {
  it("have unique names for everything that they make", () => {
    const { config, ...context } = monitoringSite();
    const { plans, all, policies } = planMonitoring(config, context);
    const releases = allReleases(monitoringSite()).map(({ release }) => release);
    const kinds = {
      parts: parts.map(({ name }) => name),
      keys: [...COMMON_KEYS, ...parts.flatMap(({ keys = {} }) => Object.keys(keys))],
      "rule groups": ruleGroups.map(({ name }) => name),
      dashboards: all.dashboards.map(({ uid }) => uid),
      ports: all.served.map(({ name }) => name),
      volumes: plans.flatMap(({ volumes = [] }) => volumes.map(({ name }) => name)),
      policies: policies.map(({ name }) => name),
      releases,
    };
    for (const [kind, names] of Object.entries(kinds))
      assert.equal(new Set(names).size, names.length, kind);
    assert.deepEqual(Object.keys(config).sort(), kinds.keys.sort());
  });

  it("come in the order of their places, so that lists in the cluster keep it; new ones last", () => {
    const places = parts.flatMap(({ place }) => place ?? []);
    assert.deepEqual(
      places,
      places.map((_, i) => i + 1),
    );
    assert.ok(parts.slice(0, places.length).every(({ place }) => place !== undefined));
  });
});

describe("the releases of the parts", () => {
  const values = {};
  const pin = { chart: "one", version: "1.0.0", repository: "https://charts.example.org" };
  const releasesOf = (...plans: PartPlan[]): string[] => {
    const all = { served: [], machinePorts: [], dashboards: [], dashboardFiles: [] };
    const planned = planReleases({ plans, all, policies: [] }, () => ({ before: [] }));
    return planned.map(({ spec }) => spec.release);
  };
  const one = { release: () => ({ release: "one", pin, values, daemonSet: false }) };
  const two = {
    release: () => ({ release: "two", pin, values, daemonSet: false, after: ["one"] }),
  };

  it("are refused where a part adds to a release that is not there", () => {
    const adds = { addsTo: () => ({ release: "onee", values }) };
    assert.throws(() => releasesOf(one, adds), /no part has the release onee/);
  });

  it("are refused where one waits for a release that comes later", () => {
    assert.deepEqual(releasesOf(one, two), ["one", "two"]);
    assert.throws(() => releasesOf(two, one), /no earlier part has the release one/);
  });
});

describe("a part of monitoring that was added as CONTRIBUTING says", function () {
  this.timeout(60_000);
  let program: AddedProgram;
  let site: Site;
  let graph: Recorded[];

  before(async () => {
    program = new AddedProgram();
    program.add(FIXTURE, "components/monitoring/parts/line-speed.ts");
    program.follow("Adding a monitoring part");
    const { homelabSite } = siteModule.parse(program.load("test/support/site"));
    site = homelabSite([["monitoring", "lineSpeed"], { tokenSecret: "lineToken" }]);
    const { recordStack } = stackModule.parse(program.load("test/support/stack"));
    graph = await recordStack(site, { lineToken: "t0ken" });
  });
  after(() => {
    program.remove();
  });

  const text = (name: string): string => JSON.stringify(named(graph, name).inputs);

  it("is one file and one line", () => {
    assert.deepEqual(program.changes(), [
      "+ components/monitoring/parts/line-speed.ts",
      "M components/monitoring/registry.ts",
    ]);
  });

  it("has its release on the monitoring machine, after its Secret and its claim", () => {
    const { inputs, dependencies } = named(graph, "monitoring-line-speed");
    assert.equal(inputs.chart, "line-speed");
    assert.match(JSON.stringify(inputs.values), /"kubernetes.io\/hostname":"maple"/);
    for (const name of ["prometheus-operator-crds", "line-speed-claim", "line-speed-token"])
      assert.ok(dependencies.includes(`monitoring-${name}`), name);
  });

  it("keeps its data in a volume of its own, which is backed up", () => {
    assert.match(text("monitoring-volume-folders"), /monitoring_data\/line-speed 1000:1000/);
    assert.match(text("monitoring-line-speed-volume"), /"storage":"1Gi"/);
    const backup = site.facts.backups.find(({ name }) => name === "line-speed");
    assert.equal(backup?.directory, "/srv/monitoring_data/line-speed");
    assert.equal(backup.databases, true);
  });

  it("is reached from the LAN and by probes, and reaches the internet", () => {
    assert.match(text("monitoring-line-speed-lan"), /"nodePort":30099/);
    const policies = graph.filter(({ name }) => name.startsWith("network-monitoring-line-speed"));
    assert.deepEqual(policies.map(({ name }) => name.replace("network-monitoring-", "")).sort(), [
      "line-speed-from-clients",
      "line-speed-from-lan",
      "line-speed-to-internet",
    ]);
    const url = "http://line-speed.monitoring.svc:8080/healthz";
    assert.ok(text("monitoring-probe-services").includes(url));
    const checks = graph.filter(({ name }) => name.startsWith("validation"));
    assert.match(JSON.stringify(checks.map(({ inputs }) => inputs)), /:30099\/healthz/);
  });

  it("is scraped, has an alert, and a dashboard that Grafana mounts", () => {
    assert.match(text("monitoring-scrapeconfig-line-speed"), /"scrapeInterval":"1h"/);
    assert.match(text("monitoring-prometheusrule-line-speed"), /"alert":"LineIsSlow"/);
    assert.match(text("monitoring-dashboard-line-speed"), /line_speed_download/);
    assert.match(text("monitoring-kube-prometheus-stack"), /dashboards\/line-speed/);
  });

  it("says what it needs, for the checks across layers", () => {
    const { memory, nodePorts, secrets } = site.facts;
    const own = "monitoring.lineSpeed";
    assert.deepEqual(
      memory.filter(({ user }) => user === "the line test"),
      [
        {
          path: `${own}.resources.limits.memory`,
          user: "the line test",
          bytes: 64 * 2 ** 20,
          machine: "maple",
        },
      ],
    );
    assert.ok(nodePorts.some(({ path, port }) => path === `${own}.nodePort` && port === 30_099));
    assert.ok(secrets.some(({ name }) => name === "lineToken"));
  });
});
