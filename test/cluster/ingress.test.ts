import assert from "node:assert/strict";
import http from "node:http";
import { readFileSync } from "node:fs";
import path from "node:path";
import { NAMESPACE as CERTIFICATE_NAMESPACE } from "../../components/platform/ingress/names";
import { CERTIFICATE } from "../../components/platform/certificates/names";
import { Holder } from "../browser/holder";
import { run } from "../rig/command";
import { waitFor } from "../rig/wait";
import { recordStack } from "../support/stack";
import { LOAD_BALANCER, platformSite } from "../unit/platform/sites";
import { Daemon } from "./daemon";
import { kubeObject, type KubeObject } from "./kube-object";
import { requireLan } from "./lan";
import { applyObjects, objectsOf } from "./plan-objects";
import { toolPath } from "./tools";
import { renderArgs, renderChartObjects } from "./traefik";
import { requireTools, useCluster } from "./use-cluster";
import { ask, type AskOptions, type WebAnswer } from "./web";

const ADDRESS = "192.168.8.230";
const PODS = "10.244.0.0/16";
const [TRAEFIK, GRAFANA, TUNNEL] = ["10.244.1.80", "10.244.1.30", "10.244.2.2"];
const CONTROLLER = "192.168.8.63";
const BROWSER = { accept: "text/html", "user-agent": "Mozilla/5.0" };
const site = platformSite(
  {
    ...{ domain: "rowan.se", internalDomain: "int.rowan.se", loadBalancer: LOAD_BALANCER },
    ...{ ingress: { address: ADDRESS }, certificates: { issuer: "private" } },
  },
  [["apps", "jellyfin", "host"], "films"],
  [["monitoring", "grafana"], { host: "grafana" }],
);

/** A certificate as cert-manager's for all names; the file's own authority. */
async function makeCertificate(folder: string): Promise<{ key: string; certificate: string }> {
  const [key, certificate] = [path.join(folder, "tls.key"), path.join(folder, "tls.crt")];
  const names = ["int.rowan.se", "*.int.rowan.se", "rowan.se", "*.rowan.se"];
  await run("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
    ...["-days", "2", "-subj", "/CN=int.rowan.se", "-keyout", key, "-out", certificate],
    ...["-addext", `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`],
  ]);
  return { key: readFileSync(key, "utf8"), certificate: readFileSync(certificate, "utf8") };
}

/** Grafana's Service as its chart has it, with a pod behind it. */
const GRAFANA_OBJECTS = [
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kube-prometheus-stack-grafana", namespace: "monitoring" },
    spec: { ports: [{ name: "http-web", port: 80, targetPort: 3000, protocol: "TCP" }] },
  },
  {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: "kube-prometheus-stack-grafana",
      namespace: "monitoring",
      labels: { "kubernetes.io/service-name": "kube-prometheus-stack-grafana" },
    },
    addressType: "IPv4",
    endpoints: [{ addresses: [GRAFANA], conditions: { ready: true } }],
    ports: [{ name: "http-web", port: 3000, protocol: "TCP" }],
  },
].map((object) => kubeObject.parse(object));

describe("the real ingress", () => {
  const getCluster = useCluster();
  let traefik: Daemon | undefined;
  let holder: Holder | undefined;
  let grafana: http.Server | undefined;
  let ca: string;

  before(async function () {
    requireTools(this, ["platform"]);
    await requireLan(this, `${ADDRESS}/32`, `${CONTROLLER}/32`, PODS);
    const cluster = getCluster();
    holder = await Holder.start(undefined, { LISTEN_ADDRESS: CONTROLLER });
    const { key, certificate } = await makeCertificate(cluster.folder);
    ca = certificate;
    const secret = kubeObject.parse({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: CERTIFICATE, namespace: CERTIFICATE_NAMESPACE },
      type: "kubernetes.io/tls",
      stringData: { "tls.key": key, "tls.crt": certificate },
    });
    const planned = objectsOf(await recordStack(site)).map(({ object }) => object);
    const wanted = planned.filter(
      ({ kind, metadata }) =>
        ["Namespace", "Ingress"].includes(kind) || metadata.name.endsWith("-held"),
    );
    const chart = renderChartObjects(ADDRESS, PODS);
    const objects = [...wanted, ...chart, ...GRAFANA_OBJECTS, secret];
    await applyObjects(cluster, objects.map(atPort(holder.port)));
    grafana = http.createServer((request, response) => {
      response.end(JSON.stringify(request.headers));
    });
    await new Promise<void>((resolve) => grafana?.listen(3000, GRAFANA, resolve));
    traefik = new Daemon({
      folder: cluster.folder,
      program: toolPath("traefik"),
      args: renderArgs({ lan: ADDRESS, pod: TRAEFIK }, PODS),
      env: { KUBECONFIG: cluster.kubeconfig },
    });
    await waitFor("Traefik to have its routes", async () => {
      traefik?.assertRunning();
      return (await browse("https://grafana.int.rowan.se/")).status === 200;
    });
  });

  after(async () => {
    await traefik?.stop();
    await holder?.stop();
    grafana?.close();
  });

  const browse = (url: string, options: AskOptions = {}): Promise<WebAnswer> =>
    ask(url, { at: ADDRESS, headers: BROWSER, ...options });

  it("shows the certificate of all names for each of them", async () => {
    for (const name of [
      "grafana.int.rowan.se",
      "films.int.rowan.se",
      "int.rowan.se",
      "www.rowan.se",
    ])
      assert.match(
        (await browse(`https://${name}/`, { ca })).names,
        /DNS:\*\.int\.rowan\.se/,
        name,
      );
  });

  it("sends HTTP to HTTPS, permanently", async () => {
    const { status, headers } = await browse("http://films.int.rowan.se/a?b=c");
    assert.ok(status === 301 || status === 308, String(status));
    assert.equal(headers.location, "https://films.int.rowan.se/a?b=c");
  });

  it("answers 404 to a name that nobody has, also to the domain whose certificate it shows", async () => {
    for (const name of ["nobody.int.rowan.se", "int.rowan.se", "example.net"])
      assert.equal((await browse(`https://${name}/`)).status, 404, name);
  });

  it("tells an app who asks, whatever the asker says, and believes the tunnel alone", async () => {
    const lie = { ...BROWSER, "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "http" };
    const url = "https://grafana.int.rowan.se/";
    const seen = async (where: string, options: AskOptions): Promise<unknown> => {
      const { "x-forwarded-for": from, "x-forwarded-proto": by } = JSON.parse(
        (await browse(where, { headers: lie, ...options })).text,
      ) as Record<string, string>;
      return [from, by];
    };
    assert.deepEqual(await seen(url, { from: ADDRESS }), [ADDRESS, "https"]);
    assert.deepEqual(await seen(url, { from: TUNNEL }), [TUNNEL, "https"]);
    const tunnel = "http://grafana.int.rowan.se:8082/";
    const headers = { ...lie, host: "grafana.int.rowan.se", "x-forwarded-proto": "https" };
    const believed = await seen(tunnel, { at: TRAEFIK, from: TUNNEL, headers });
    assert.deepEqual(believed, [`203.0.113.9, ${TUNNEL}`, "https"]);
  });

  it("shows the waking page under the name of an app whose machine sleeps, then the app", async () => {
    const url = "https://films.int.rowan.se/web/";
    const page = await browse(url, { ca });
    assert.match(page.text, /Jellyfin/);
    assert.doesNotMatch(page.text, /This is the app/);
    for (const line of ["answer", "ready", "app"]) holder?.tell(line);
    const app = await waitFor("the app", async () => {
      const answer = await browse(url, { ca });
      return answer.text.includes("This is the app") && answer;
    });
    assert.match(app.text, /<p id=path>\/web\/</);
  });
});

/** The plan's slice of the held port leads to that of the port holder of this test. */
function atPort(port: number): (object: KubeObject) => KubeObject {
  return (object) =>
    object.kind === "EndpointSlice" && object.metadata.name.endsWith("-held")
      ? { ...object, ports: [{ name: "http", port, protocol: "TCP" }] }
      : object;
}
