import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import { z } from "zod";
import { ALERTMANAGER_POD, NAMESPACE } from "../../components/monitoring/names";
import { CONFIG_SECRET } from "../../components/monitoring/parts/alertmanager";
import { KUBELET_NAMESPACE } from "../../components/monitoring/parts/kube-prometheus-stack";
import { run } from "../rig/command";
import { waitFor } from "../rig/wait";
import { site } from "../unit/monitoring/homelab";
import { ACCOUNTS, CLAIMS } from "../unit/monitoring/pods";
import { valuesOf } from "../unit/monitoring/releases";
import { isAllowed, userOf } from "./access";
import { applyCrds } from "./crds";
import { write } from "./credentials";
import { Daemon } from "./daemon";
import { conditionOf, kubeObject, type KubeObject } from "./kube-object";
import { addNodes } from "./nodes";
import { applyObjects, plannedNodes, plannedObjects } from "./plan-objects";
import { findPorts, type TestCluster } from "./test-cluster";
import { toolPath } from "./tools";
import { requireTools, useCluster } from "./use-cluster";

const NAME = "kube-prometheus-stack";

/** The parts of the chart's values that it passes on into the operator's own objects. */
const values = z.object({
  prometheus: z.object({ prometheusSpec: z.looseObject({ storageSpec: z.unknown() }) }),
  alertmanager: z.object({ alertmanagerSpec: z.looseObject({}) }),
  prometheusOperator: z.looseObject({
    prometheusInstanceNamespaces: z.array(z.string()),
    alertmanagerInstanceNamespaces: z.array(z.string()),
    alertmanagerConfigNamespaces: z.array(z.string()),
    thanosRulerInstanceNamespaces: z.array(z.string()),
    kubeletService: z.object({ namespace: z.string() }),
    kubeletEndpointsEnabled: z.boolean(),
    kubeletEndpointSliceEnabled: z.boolean(),
  }),
});

const without = (object: Record<string, unknown>, key: RegExp): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !key.test(name)));

/** What kube-prometheus-stack makes of our values, as far as the operator acts on it. */
function renderChartObjects(): KubeObject[] {
  const ours = values.parse(valuesOf(NAME, site()));
  const { storageSpec, ...spec } = without(ours.prometheus.prometheusSpec, /NilUsesHelmValues$/);
  const kinds = ["rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig"];
  const everything = kinds.flatMap((kind): [string, object][] => [
    [`${kind}Selector`, {}],
    [`${kind}NamespaceSelector`, {}],
  ]);
  const of = (kind: string, name: string, rest: object): KubeObject => {
    const apiVersion = kind === "ServiceAccount" ? "v1" : "monitoring.coreos.com/v1";
    return kubeObject.parse({
      apiVersion,
      kind,
      metadata: { name, namespace: NAMESPACE },
      ...rest,
    });
  };
  return [
    ...Object.values(ACCOUNTS).map((name) => of("ServiceAccount", name, {})),
    of("Prometheus", `${NAME}-prometheus`, {
      spec: {
        ...spec,
        ...Object.fromEntries(everything),
        storage: storageSpec,
        replicas: 1,
        serviceAccountName: ACCOUNTS.prometheus,
      },
    }),
    of("Alertmanager", `${NAME}-alertmanager`, {
      spec: { ...without(ours.alertmanager.alertmanagerSpec, /^useExistingSecret$/), replicas: 1 },
    }),
  ];
}

/** The operator with the account's rights: its requests go through a proxy that lets it act as that. */
async function startOperator(cluster: TestCluster): Promise<Daemon[]> {
  const [proxyPort = 0, ownPort = 0] = await findPorts("127.0.0.1", 2);
  const { folder, kubeconfig } = cluster;
  const { prometheusOperator: ours } = values.parse(valuesOf(NAME, site()));
  const flags = {
    apiserver: `http://127.0.0.1:${proxyPort}`,
    as: userOf(NAMESPACE, ACCOUNTS.operator),
    "web.listen-address": `127.0.0.1:${ownPort}`,
    "kubelet-service": `${ours.kubeletService.namespace}/${NAME}-kubelet`,
    "kubelet-endpoints": String(ours.kubeletEndpointsEnabled),
    "kubelet-endpointslice": String(ours.kubeletEndpointSliceEnabled),
    "prometheus-instance-namespaces": ours.prometheusInstanceNamespaces.join(","),
    "alertmanager-instance-namespaces": ours.alertmanagerInstanceNamespaces.join(","),
    "alertmanager-config-namespaces": ours.alertmanagerConfigNamespaces.join(","),
    "thanos-ruler-instance-namespaces": ours.thanosRulerInstanceNamespaces.join(","),
  };
  const proxy = ["--kubeconfig", kubeconfig, "proxy", `--port=${proxyPort}`];
  const daemons = [new Daemon({ folder, program: toolPath("kubectl"), args: proxy })];
  await waitFor("the proxy", async () => (await fetch(`${flags.apiserver}/readyz`)).ok);
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  return [...daemons, new Daemon({ folder, program: toolPath("operator"), args })];
}

const secret = z.object({ data: z.record(z.string(), z.string()) });
const jobs = z.object({ scrape_configs: z.array(z.object({ job_name: z.string() })) });

describe("the Prometheus operator, with the rights that it is given", () => {
  const getCluster = useCluster();
  const core = `/api/v1/namespaces/${NAMESPACE}`;
  let daemons: Daemon[] = [];

  before(async function () {
    requireTools(this, ["operator", "prometheus"]);
    await applyCrds(getCluster());
    await addNodes(getCluster(), plannedNodes());
    const objects = (await plannedObjects()).map(({ object }) => object);
    await applyObjects(getCluster(), [...objects, ...renderChartObjects()]);
    daemons = await startOperator(getCluster());
  });

  after(async () => {
    await Promise.all(daemons.map((daemon) => daemon.stop()));
  });

  for (const part of ["prometheus", "alertmanager"] as const) {
    it(`runs ${part} on the monitoring machine`, async () => {
      const pod = await waitFor(
        `${part} to be Ready`,
        async () => {
          daemons.at(-1)?.assertRunning();
          const answer = await getCluster().api.send(
            "GET",
            `${core}/pods/${part === "alertmanager" ? ALERTMANAGER_POD : `${part}-${NAME}-${part}-0`}`,
          );
          return conditionOf(answer.body, "Ready") === "True" && JSON.stringify(answer.body);
        },
        60_000,
      );
      assert.match(pod, /"nodeName":"maple"/);
      assert.equal(pod.includes(`"claimName":"${CLAIMS.prometheus}"`), part === "prometheus");
    });
  }

  it("writes a configuration that Prometheus takes, with a job for each of our objects", async () => {
    const name = `prometheus-${NAME}-prometheus`;
    const text = await waitFor("Prometheus' configuration to name the last job", async () => {
      const { data } = secret.parse(await getCluster().api.get(`${core}/secrets/${name}`));
      const config = data["prometheus.yaml.gz"];
      const plain = config && gunzipSync(Buffer.from(config, "base64")).toString("utf8");
      return plain?.includes("service-endpoints") === true && plain;
    });
    const file = write(getCluster().folder, "prometheus.yaml", text);
    await run(toolPath("promtool"), ["check", "config", "--syntax-only", file]);
    const found = jobs.parse(parse(text)).scrape_configs.map(({ job_name }) => job_name);
    const wanted = (await plannedObjects()).flatMap(({ object: { kind, metadata } }) => {
      const at = `${metadata.namespace ?? ""}/${metadata.name}`;
      if (kind === "Probe") return [`probe/${at}`];
      if (kind === "ScrapeConfig") return [`scrapeConfig/${at}`];
      if (kind === "PodMonitor") return [`podMonitor/${at}/0`];
      return kind === "ServiceMonitor" ? [`serviceMonitor/${at}/0`] : [];
    });
    assert.deepEqual(found.sort(), wanted.sort());
  });

  it("lets Prometheus look for targets only among what it may read", async () => {
    const name = `prometheus-${NAME}-prometheus`;
    const { data } = secret.parse(await getCluster().api.get(`${core}/secrets/${name}`));
    const config = gunzipSync(Buffer.from(data["prometheus.yaml.gz"] ?? "", "base64"));
    const roles = [...config.toString("utf8").matchAll(/^\s*(?:- )?role: (\w+)$/gm)].map(
      ([, role]) => role,
    );
    assert.deepEqual([...new Set(roles)].sort(), ["endpointslice", "pod"]);
    const prometheus = userOf(NAMESPACE, ACCOUNTS.prometheus);
    const slices = { group: "discovery.k8s.io", resource: "endpointslices" };
    for (const what of [slices, { resource: "pods" }, { resource: "services" }])
      for (const verb of ["get", "list", "watch"])
        assert.ok(await isAllowed(getCluster(), prometheus, { verb, ...what }), what.resource);
  });

  it("gives Prometheus our rules, of all namespaces", async () => {
    const at = `${core}/configmaps/prometheus-${NAME}-prometheus-rulefiles-0`;
    const { data } = secret.parse(await getCluster().api.get(at));
    const wanted = (await plannedObjects()).filter(
      ({ object }) => object.kind === "PrometheusRule",
    );
    assert.equal(Object.keys(data).length, wanted.length);
    for (const [name, text] of Object.entries(data)) {
      const file = write(getCluster().folder, name, text);
      await run(toolPath("promtool"), ["check", "rules", "--lint-fatal", file]);
    }
  });

  it("hands Alertmanager a configuration that it takes", async () => {
    const { data } = secret.parse(await getCluster().api.get(`${core}/secrets/${CONFIG_SECRET}`));
    const text = Buffer.from(data["alertmanager.yaml"] ?? "", "base64");
    const file = write(getCluster().folder, "alertmanager.yaml", text);
    await run(toolPath("amtool"), ["check-config", file]);
  });

  it("lists every machine as a kubelet to scrape", async () => {
    await waitFor("the list of kubelets", async () => {
      const at = `/apis/discovery.k8s.io/v1/namespaces/${KUBELET_NAMESPACE}/endpointslices`;
      const slices = JSON.stringify(await getCluster().api.list(at));
      // The reference becomes the label `node`, by which alerts leave out a machine that sleeps.
      return plannedNodes().every(
        ({ address, name }) =>
          slices.includes(`"${address}"`) && slices.includes(`"kind":"Node","name":"${name}"`),
      );
    });
  });

  it("was refused nothing but the kinds that are not in use, which it goes without", () => {
    const log = readFileSync(path.join(getCluster().folder, "operator.log"), "utf8");
    assert.doesNotMatch(log, /forbidden/);
    const missing = log.matchAll(/missing permission on resource \\"(\w+)/g);
    assert.deepEqual([...new Set([...missing].map(([, kind]) => kind))].sort(), [
      "prometheusagents",
      "thanosrulers",
    ]);
  });
});
