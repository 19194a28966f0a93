import assert from "node:assert/strict";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Monitoring } from "../../../components/monitoring/monitoring";
import { remoteSchema } from "../../../components/remote/config";
import { named, recordGraph, type Recorded } from "../../support/mocks";
import { config, MACHINES, site } from "./homelab";

const SECRETS: Readonly<Record<string, string>> = { bmcPassword: "bmc-pass", ntfyToken: "tk_1" };

interface Options {
  readonly part?: Parameters<typeof config>[0];
  readonly secrets?: Readonly<Record<string, string>>;
  readonly machines?: typeof MACHINES;
}

function graph({ part = {}, secrets = SECRETS, machines = MACHINES }: Options = {}): Promise<
  Recorded[]
> {
  return recordGraph(
    () => {
      const provider = new kubernetes.Provider("cluster", { kubeconfig: "unknown" });
      const secretOf = (name: string | undefined): pulumi.Output<string> | undefined => {
        const value = name === undefined ? undefined : secrets[name];
        return value === undefined ? undefined : pulumi.secret(value);
      };
      new Monitoring(
        "monitoring",
        {
          config: config(part),
          context: site(part, machines),
          access: { settings: remoteSchema.parse({}) },
          secrets: secretOf,
        },
        { providers: [provider] },
      );
    },
    (type) =>
      type === "random:index/randomPassword:RandomPassword" ? { result: "made-by-the-mock" } : {},
  );
}

/** "type token's last part  name", of the component's children. */
function childrenOf(recorded: readonly Recorded[]): string[] {
  return recorded
    .filter((resource) => resource.parent === "monitoring")
    .map(({ type, name }) => `${type.split(":").at(-1) ?? ""} ${name.replace("monitoring-", "")}`)
    .sort();
}

describe("the monitoring component", () => {
  let hazel: readonly Recorded[];

  before(async () => {
    hazel = await graph();
  });

  it("has exactly these children", () => {
    assert.deepEqual(childrenOf(hazel), [
      "ClusterRole operator-cluster-role",
      "ClusterRole prometheus-cluster-role",
      "ClusterRoleBinding operator-cluster-binding",
      "ClusterRoleBinding prometheus-cluster-binding",
      "Command volume-folders",
      "ConfigMap dashboard-coredns",
      "ConfigMap dashboard-ipmi-hardware",
      "ConfigMap dashboard-kubernetes-overview",
      "ConfigMap dashboard-loki-logs",
      "ConfigMap dashboard-network-dns",
      "ConfigMap dashboard-node-metrics",
      "ConfigMap dashboard-power-energy",
      "ConfigMap dashboard-prometheus-health",
      "ConfigMap dashboard-syslog",
      "DaemonSet ipmi-local",
      "PersistentVolume grafana-volume",
      "PersistentVolume loki-volume",
      "PersistentVolume prometheus-volume",
      "PersistentVolumeClaim grafana-claim",
      "PersistentVolumeClaim loki-claim",
      "PersistentVolumeClaim prometheus-claim",
      "PodMonitor podmonitor-ipmi-local",
      "Probe probe-dns",
      "Probe probe-internet",
      "Probe probe-machines",
      "Probe probe-services",
      "Probe probe-syslog-server",
      "PrometheusRule prometheusrule-backup",
      "PrometheusRule prometheusrule-dns",
      "PrometheusRule prometheusrule-nodes",
      "PrometheusRule prometheusrule-power",
      "PrometheusRule prometheusrule-probes",
      "PrometheusRule prometheusrule-prometheus",
      "PrometheusRule prometheusrule-syslog",
      "PrometheusRule prometheusrule-time",
      "RandomPassword grafana-password",
      "Release alloy",
      "Release blackbox-exporter",
      "Release ipmi-exporter",
      "Release kube-prometheus-stack",
      "Release loki",
      "Release node-exporter",
      "Release prometheus-operator-crds",
      "Role operator-kube-system-role",
      "Role operator-monitoring-role",
      "RoleBinding operator-kube-system-binding",
      "RoleBinding operator-monitoring-binding",
      "ScrapeConfig scrapeconfig-ipmi-remote-hazel",
      "ScrapeConfig scrapeconfig-service-endpoints",
      "Secret alertmanager-config",
      "Secret grafana-admin",
      "Secret ipmi-config",
      "Service grafana-lan",
      "Service loki-lan",
      "Service prometheus-lan",
      "StorageClass storage-class",
    ]);
  });

  it("puts every Kubernetes resource on the explicit provider", () => {
    const strays = hazel.filter(
      ({ type, provider }) => type.startsWith("kubernetes:") && provider !== "cluster",
    );
    assert.deepEqual(strays, []);
  });

  it("installs nothing before the CRDs, and nothing that keeps data before its claim", () => {
    const after = (name: string): readonly string[] =>
      named(hazel, `monitoring-${name}`).dependencies;
    const crds = "monitoring-prometheus-operator-crds";
    for (const { name } of hazel.filter(({ type }) => type.includes("monitoring.coreos.com"))) {
      assert.ok(after(name.replace("monitoring-", "")).includes(crds), name);
    }
    assert.deepEqual(after("loki"), [
      "monitoring-grafana-claim",
      "monitoring-loki-claim",
      "monitoring-prometheus-claim",
      crds,
    ]);
    assert.ok(after("kube-prometheus-stack").includes("monitoring-grafana-admin"));
    assert.ok(after("kube-prometheus-stack").includes("monitoring-alertmanager-config"));
    assert.ok(after("kube-prometheus-stack").includes("monitoring-dashboard-power-energy"));
    for (const role of ["operator-monitoring", "prometheus-cluster"])
      assert.ok(after("kube-prometheus-stack").includes(`monitoring-${role}-binding`), role);
    assert.deepEqual(after("loki-claim"), ["monitoring-loki-volume"]);
    assert.deepEqual(after("loki-volume"), [
      "monitoring-storage-class",
      "monitoring-volume-folders",
    ]);
    assert.ok(after("alloy").includes("monitoring-loki"));
  });

  it("waits for every release but those with a DaemonSet", () => {
    const releases = hazel.filter(({ type }) => type.endsWith(":Release"));
    assert.deepEqual(
      releases.filter(({ inputs }) => inputs.skipAwait === true).map(({ name }) => name),
      ["monitoring-node-exporter", "monitoring-alloy"],
    );
    for (const { name, inputs } of releases) {
      assert.equal(inputs.atomic === true, inputs.skipAwait !== true, name);
    }
  });

  it("does not wait for claims, which are bound before Pulumi sees them pending", () => {
    for (const part of ["prometheus", "grafana", "loki"])
      assert.match(
        JSON.stringify(named(hazel, `monitoring-${part}-claim`).inputs.metadata),
        /"annotations":\{"pulumi\.com\/skipAwait":"true"\}/,
        part,
      );
  });

  it("keeps data on a Retain volume that only its own claim may bind", () => {
    const volume = named(hazel, "monitoring-prometheus-volume").inputs;
    assert.deepEqual(volume.spec, {
      capacity: { storage: "25Gi" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: "monitoring-local",
      local: { path: "/srv/monitoring_data/prometheus" },
      claimRef: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        namespace: "monitoring",
        name: "data-prometheus-kube-prometheus-stack-prometheus-0",
      },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                { key: "kubernetes.io/hostname", operator: "In", values: ["maple"] },
              ],
            },
          ],
        },
      },
    });
  });

  it("shows no secret in plain", async () => {
    const receiver = { type: "ntfy", topic: "hazel", tokenSecret: "ntfyToken" } as const;
    const recorded = await graph({ part: { alertmanager: { receiver } } });
    for (const { name, inputs, secretInputs } of recorded) {
      const plain = Object.entries(inputs).filter(([key]) => !secretInputs.includes(key));
      assert.doesNotMatch(JSON.stringify(plain), /bmc-pass|tk_1|made-by-the-mock/, name);
    }
    for (const secret of ["grafana-admin", "alertmanager-config", "ipmi-config"]) {
      assert.deepEqual(
        named(recorded, `monitoring-${secret}`).secretInputs,
        ["stringData"],
        secret,
      );
    }
    const text = JSON.stringify(named(recorded, "monitoring-alertmanager-config").inputs);
    assert.match(text, /tk_1/);
  });

  it("sends no alert if the receiver's secret is not set", async () => {
    const receiver = { type: "ntfy", topic: "hazel", tokenSecret: "ntfyToken" } as const;
    const recorded = await graph({ part: { alertmanager: { receiver } }, secrets: {} });
    const text = JSON.stringify(named(recorded, "monitoring-alertmanager-config").inputs);
    assert.doesNotMatch(text, /ntfy/);
  });

  it("leaves out the BMC whose password is not set, and all of IPMI where there is no BMC", async () => {
    const ipmi = (recorded: readonly Recorded[]): string[] =>
      childrenOf(recorded).filter(
        (child) => child.includes("ipmi") && !child.includes("dashboard"),
      );
    assert.deepEqual(ipmi(await graph({ secrets: {} })), [
      "DaemonSet ipmi-local",
      "PodMonitor podmonitor-ipmi-local",
    ]);
    const machines = MACHINES.map((machine) => ({ ...machine, bmc: undefined }));
    assert.deepEqual(ipmi(await graph({ machines })), []);
  });

  it("registers the same names for any order of the machines", async () => {
    const reversed = await graph({ machines: [...MACHINES].reverse() });
    assert.deepEqual(childrenOf(reversed), childrenOf(hazel));
  });
});
