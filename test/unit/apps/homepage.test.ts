import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { Apps } from "../../../components/apps/apps";
import { appsSchema } from "../../../components/apps/config";
import { appsFacts } from "../../../components/apps/facts";
import { homepageSchema } from "../../../components/apps/homepage/config";
import { renderFiles, type Shown } from "../../../components/apps/homepage/render-page";
import { allowedHosts, renderDeployment } from "../../../components/apps/homepage/workload";
import { planApps } from "../../../components/apps/plan-apps";
import { named, recordGraph } from "../../support/mocks";
import { homelabSite } from "../../support/site";
import { frame } from "./frame";
import { appSite } from "./settings";

const SHOWN: Shown = {
  apps: [
    { title: "Jellyfin", url: "http://192.168.8.63:30096", access: "lan" },
    { title: "Photos", url: "https://photos.example.org", access: "public" },
    { title: "Notes", url: "https://notes.int.example.org", access: "internal" },
  ],
  dashboards: [{ title: "Grafana", url: "http://192.168.8.63:30300", access: "internal" }],
  machines: [
    { name: "maple", sleeps: false },
    { name: "spruce", sleeps: true },
  ],
  prometheus: "http://prometheus.monitoring.svc:9090",
};

const page = (keys: object, shown = SHOWN) =>
  renderFiles(homepageSchema.parse({ machine: "maple", host: "@", ...keys }), shown);
const text = (value: unknown): string => JSON.stringify(value);

describe("Homepage", () => {
  it("shows the apps, the dashboards and the machines, asleep or not", () => {
    const services: unknown = JSON.parse(page({})["services.yaml"] ?? "");
    const groups = z.array(z.record(z.string(), z.unknown())).parse(services);
    assert.deepEqual(groups.flatMap(Object.keys), ["Apps", "Dashboards", "Machines"]);
    assert.match(text(services), /"Jellyfin":\{"href":"http:\/\/192\.168\.8\.63:30096"\}/);
    assert.match(text(services), /"maple":\{"description":"always on"\}/);
    assert.match(text(services), /"spruce":.*vmstation_power_state\{node=\\"spruce\\"/);
  });

  it("connects to no machine and to no app, which would wake them", () => {
    assert.doesNotMatch(text(page({})), /ping|siteMonitor/);
  });

  it("shows the world what the world may open, and nothing of the home", () => {
    const links = [{ title: "Blog", url: "https://blog.example.org" }];
    const files = text(page({ access: "public", links }));
    assert.match(files, /photos\.example\.org/);
    assert.match(files, /blog\.example\.org/);
    assert.doesNotMatch(
      files,
      /192\.168|int\.example|maple|spruce|monitoring|Grafana|Jellyfin|prometheus/,
    );
  });

  it("lets nothing out where it is public", () => {
    const of = (keys: object) => {
      const config = appsSchema.parse({ homepage: { machine: "maple", host: "@", ...keys } });
      return appsFacts(planApps(config, appSite), appSite).namespaces?.[0]?.policies ?? [];
    };
    const out = (keys: object) => of(keys).filter(({ direction }) => direction === "egress").length;
    assert.deepEqual([out({ access: "public" }), out({})], [0, 1]);
  });

  it("has each file that it would else make, on a file system that it cannot write to", () => {
    assert.deepEqual(Object.keys(page({})).sort(), [
      "bookmarks.yaml",
      "custom.css",
      "custom.js",
      "docker.yaml",
      "kubernetes.yaml",
      "proxmox.yaml",
      "services.yaml",
      "settings.yaml",
      "widgets.yaml",
    ]);
  });

  it("answers under its own name alone, and starts again for other files", () => {
    const config = homepageSchema.parse({ machine: "maple" });
    const values = frame("homepage", "maple", false);
    assert.equal(allowedHosts(config, values), "192.168.8.63:30082");
    assert.equal(allowedHosts(config, { ...values, host: "example.org" }), "example.org");
    const files = (digest: string) => text(renderDeployment(config, values, digest));
    assert.notEqual(files("a"), files("b"));
  });

  it("is made of what the stack knows", async () => {
    const site = homelabSite([["apps", "homepage"], { machine: "maple" }]);
    assert.ok(site.controller);
    const { controller } = site;
    const graph = await recordGraph(
      () =>
        new Apps(
          "apps",
          {
            plans: site.apps,
            ...{ config: site.config.apps, machines: site.machines, controller, monitored: false },
            ...{ access: { settings: site.config.remote }, secrets: () => undefined },
            dashboards: { grafana: pulumi.output("http://192.168.8.63:30300") },
          },
          {},
        ),
      () => ({}),
    );
    const { data } = named(graph, "apps-homepage-files").inputs;
    assert.match(text(Object(data)), /Jellyfin.*30096.*Grafana.*30300.*hazel.*maple/);
    const readers = site.facts.namespaces
      .find(({ name }) => name === "monitoring")
      ?.policies.find(({ name }) => name === "prometheus-from-apps");
    assert.match(text(readers ?? {}), /"namespace":"homepage"/);
  });

  it("is refused links of the home where it is public", () => {
    const at = (url: string): number =>
      homepageSchema.safeParse({
        ...{ machine: "maple", host: "@", access: "public" },
        links: [{ title: "x", url }],
      }).error?.issues.length ?? 0;
    for (const url of [
      "https://192.168.7.233:8006",
      "http://10.0.0.1",
      "http://[fd00::1]/",
      "http://nas",
      "http://nas.local/x",
      "http://100.64.0.1",
    ])
      assert.equal(at(url), 1, url);
    for (const url of ["https://example.org", "https://1.1.1.1"]) assert.equal(at(url), 0, url);
  });
});
