import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { parse } from "yaml";
import { renderReleaseArgs } from "../../../components/shared/chart-release";
import {
  renderIpmiConfig,
  renderLocalIpmi,
} from "../../../components/monitoring/parts/ipmi-exporter";
import { planMonitoring } from "../../../components/monitoring/plan";
import { renderRegistry } from "../../../components/shared/placement";
import { renderChartSource } from "../../../components/shared/charts";
import { charts } from "../../../components/versions";
import { at } from "./at";
import { machine, MACHINES, site, type MonitoringSite } from "./homelab";
import { valuesOf } from "./releases";

const stackValues = (of: MonitoringSite = site()) => valuesOf("kube-prometheus-stack", of);

/** The job and the targets of each Probe object. */
function probesOf(of: MonitoringSite): (readonly [job: unknown, targets: unknown])[] {
  const { plans, all } = planMonitoring(of.config, of);
  return plans
    .flatMap((plan) => plan.objects?.(all) ?? [])
    .filter(({ kind }) => kind === "Probe")
    .map(({ spec }) => [at(spec, "jobName"), at(spec, "targets", "staticConfig", "static")]);
}

describe("a release", () => {
  it("is waited for and undone on failure, except where it has a DaemonSet", () => {
    const spec = { release: "loki", pin: charts.loki, values: {} };
    const { charts: config } = site().config;
    assert.deepEqual(renderReleaseArgs({ ...spec, daemonSet: false }, "monitoring", config), {
      name: "loki",
      namespace: "monitoring",
      ...renderChartSource(charts.loki, {}),
      values: {},
      skipCrds: true,
      maxHistory: 5,
      timeout: 600,
      atomic: true,
      cleanupOnFail: true,
    });
    const daemonSet = renderReleaseArgs({ ...spec, daemonSet: true }, "monitoring", config);
    assert.equal(daemonSet.skipAwait, true);
    assert.equal(daemonSet.atomic, undefined);
  });

  it("takes its images from the configured registry, by the key that the chart reads", () => {
    assert.deepEqual(renderRegistry("mirror.lan", "global", "image", "registry"), {
      global: { image: { registry: "mirror.lan" } },
    });
    assert.deepEqual(renderRegistry(undefined, "global", "imageRegistry"), {});
  });
});

describe("Prometheus", () => {
  const spec = at(stackValues(), "prometheus", "prometheusSpec");

  it("keeps 30 days or 4 GiB, within requests and limits that the owner gave", () => {
    assert.equal(at(spec, "retention"), "720h");
    assert.equal(at(spec, "retentionSize"), "4GiB");
    assert.deepEqual(at(spec, "resources"), {
      requests: { cpu: "500m", memory: "1Gi" },
      limits: { cpu: "2", memory: "2Gi" },
    });
    assert.equal(at(spec, "scrapeInterval"), "15s");
  });

  it("runs on the monitoring machine, also where it has taints", () => {
    assert.deepEqual(at(spec, "nodeSelector"), { "kubernetes.io/hostname": "maple" });
    assert.deepEqual(at(spec, "tolerations"), [
      { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
    ]);
  });

  it("reads etcd at the addresses of the machines that run it", () => {
    const etcd = at(stackValues(), "kubeEtcd", "endpoints");
    assert.deepEqual(etcd, ["192.168.8.63"]);
  });

  it("leaves out the chart's rules that would fire for machines that sleep", () => {
    const rules = at(stackValues(), "defaultRules", "rules");
    assert.ok(typeof rules === "object" && rules !== null);
    const kept = Object.entries(rules).filter(([, on]) => on === true);
    assert.deepEqual(
      kept.map(([group]) => group),
      [
        "alertmanager",
        "etcd",
        "configReloaders",
        "kubeStateMetrics",
        "prometheus",
        "prometheusOperator",
      ],
    );
  });
});

describe("Grafana", () => {
  const grafana = at(stackValues(), "grafana");

  it("shows nothing without a log-in unless that is wanted", () => {
    const shows = (anonymous: boolean): unknown => {
      const { config, ...rest } = site();
      const changed = { ...config, grafana: { ...config.grafana, anonymous } };
      return at(
        stackValues({ ...rest, config: changed }),
        "grafana",
        "grafana.ini",
        "auth.anonymous",
        "enabled",
      );
    };
    assert.equal(at(grafana, "grafana.ini", "auth.anonymous", "enabled"), false);
    assert.deepEqual([shows(false), shows(true)], [false, true]);
  });

  it("takes the administrator's password from a Secret", () => {
    assert.equal(at(grafana, "admin", "existingSecret"), "grafana-admin");
    assert.ok(typeof grafana === "object" && grafana !== null && !("adminPassword" in grafana));
  });

  it("asks Prometheus by default, every 15 s, and Loki for 1,000 lines", () => {
    const sources = at(grafana, "datasources", "datasources.yaml", "datasources");
    assert.equal(at(sources, 0, "isDefault"), true);
    assert.equal(at(sources, 0, "jsonData", "timeInterval"), "15s");
    assert.equal(at(sources, 1, "jsonData", "maxLines"), 1000);
  });
});

describe("Loki", () => {
  it("deletes lines after 168 h, in a v13 TSDB store, without caches or scalable targets", () => {
    const values = valuesOf("loki", site());
    assert.equal(at(values, "loki", "limits_config", "retention_period"), "168h");
    assert.equal(at(values, "loki", "compactor", "retention_enabled"), true);
    assert.equal(at(values, "loki", "schemaConfig", "configs", 0, "schema"), "v13");
    assert.equal(at(values, "loki", "schemaConfig", "configs", 0, "store"), "tsdb");
    for (const part of ["chunksCache", "resultsCache", "gateway", "lokiCanary"]) {
      assert.equal(at(values, part, "enabled"), false, part);
    }
    for (const part of ["read", "write", "backend"]) {
      assert.equal(at(values, part, "replicas"), 0, part);
    }
  });
});

describe("node_exporter", () => {
  it("leaves NFS out, and passes on what programs write for it", () => {
    const args = at(valuesOf("node-exporter", site()), "extraArgs");
    assert.ok(Array.isArray(args));
    const types = String(args[0]).split("=^").at(1) ?? "";
    const pattern = new RegExp(`^${types}`);
    for (const type of ["nfs", "nfs4", "tmpfs", "cgroup2"]) assert.match(type, pattern);
    for (const type of ["xfs", "ext4", "btrfs"]) assert.doesNotMatch(type, pattern);
    assert.equal(
      args[2],
      "--collector.textfile.directory=/host/root/var/lib/node_exporter/textfile_collector",
    );
  });
});

describe("probes", () => {
  it("look at services, the internet, what never sleeps, DNS and the log server", () => {
    assert.deepEqual(probesOf(site()), [
      [
        "blackbox-services",
        [
          "http://kube-prometheus-stack-prometheus.monitoring.svc:9090/-/healthy",
          "http://kube-prometheus-stack-grafana.monitoring.svc/api/health",
          "http://loki.monitoring.svc:3100/ready",
        ],
      ],
      ["blackbox-internet", ["https://1.1.1.1", "https://8.8.8.8"]],
      ["blackbox-machines", ["192.168.8.1", "192.168.8.63"]],
      ["syslog-server", ["192.168.8.63:514"]],
      ["blackbox-dns", ["10.96.0.10"]],
    ]);
  });

  it("never include a machine that sleeps or is offline", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 20 }), (sleeping) => {
        const machines = sleeping.map((sleeps, i) =>
          machine(`m${i}`, `10.0.0.${i + 1}`, { sleeps }),
        );
        const probed = probesOf(site({}, machines)).find(([job]) => job === "blackbox-machines");
        const awake = machines.filter(({ sleeps }) => !sleeps).map(({ address }) => address);
        assert.deepEqual(probed?.[1], ["192.168.8.1", ...awake]);
      }),
    );
  });
});

describe("the IPMI exporter", () => {
  it("runs on exactly the machines with a BMC, as a DaemonSet that `up` does not wait for", () => {
    const { metadata, spec } = renderLocalIpmi(site());
    assert.equal(at(metadata, "annotations", "pulumi.com/skipAwait"), "true");
    assert.deepEqual(
      at(
        spec,
        "template",
        "spec",
        "affinity",
        "nodeAffinity",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
        0,
        "matchExpressions",
      ),
      [{ key: "kubernetes.io/hostname", operator: "In", values: ["hazel"] }],
    );
  });

  it("brings any password into its configuration as it is", () => {
    const [hazel] = MACHINES;
    assert.ok(hazel?.bmc);
    const withBmc = { ...hazel, bmc: hazel.bmc };
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (password) => {
        const config: unknown = parse(renderIpmiConfig([{ machine: withBmc, password }]));
        assert.equal(at(config, "modules", "hazel", "pass"), password);
        assert.equal(at(config, "modules", "hazel", "user"), "root");
      }),
    );
  });
});

describe("values of every release", () => {
  it("hold no secret", () => {
    const text = JSON.stringify([stackValues(), valuesOf("loki", site())]);
    assert.doesNotMatch(text, /"(adminPassword|auth_password|credentials|pass)":/);
    assert.ok(!pulumi.Output.isInstance(stackValues()));
  });
});
