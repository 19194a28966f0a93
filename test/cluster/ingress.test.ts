import assert from "node:assert/strict";
import http from "node:http";
import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { NAMESPACE as CERTIFICATE_NAMESPACE } from "../../components/platform/ingress/names";
import { VAULTWARDEN_PORT } from "../../components/apps/vaultwarden/workload";
import { CERTIFICATE } from "../../components/platform/certificates/names";
import { Holder } from "../browser/holder";
import { run } from "../rig/command";
import { waitFor } from "../rig/wait";
import { recordStack } from "../support/stack";
import { EVERYTHING, LOAD_BALANCER, platformSite } from "../unit/platform/sites";
import { Daemon } from "./daemon";
import { kubeObject, type KubeObject } from "./kube-object";
import { requireLan } from "./lan";
import { applyObjects, objectsOf } from "./plan-objects";
import { toolPath } from "./tools";
import { onLan, renderArgs, renderBackend, renderChartObjects, renderGrafana } from "./traefik";
import { requireTools, useCluster } from "./use-cluster";
import { ask, type AskOptions, type WebAnswer } from "./web";

const ADDRESS = "192.168.8.230";
const PODS = "10.244.0.0/16";
const [TRAEFIK, APPS, TUNNEL] = ["10.244.1.80", "10.244.1.30", "10.244.2.2"];
const CONTROLLER = "192.168.8.63";
const BROWSER = { accept: "text/html", "user-agent": "Mozilla/5.0" };
const site = platformSite(
  {
    ...{ domain: "rowan.se", internalDomain: "int.rowan.se", loadBalancer: LOAD_BALANCER },
    ...{ ingress: { address: ADDRESS }, certificates: { issuer: "private" } },
    tunnel: EVERYTHING.tunnel,
  },
  [["apps", "jellyfin", "host"], "films"],
  [["monitoring", "grafana"], { host: "grafana" }],
  [["apps", "vaultwarden"], { machine: "maple", host: "passwords", access: "public" }],
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

const BACKENDS = [
  ...renderGrafana(APPS),
  ...renderBackend("vaultwarden", "vaultwarden", [VAULTWARDEN_PORT, VAULTWARDEN_PORT], APPS),
];

/** Ways to write one path. Vaultwarden decodes each part of a path, and takes empty parts and dots out. */
const ADMIN = [
  ...["/admin", "/admin/", "/admin?x", "/admin/diagnostics", "//admin", "///admin//x", "/./admin"],
  ...[
    "/x/../admin",
    "/%61dmin",
    "/%61%64%6d%69%6e/x",
    "/%2e/admin",
    "/x/%2e%2e/admin",
    "/%2Fadmin",
  ],
  ...["/admin%2Fx", "/%5Cadmin"],
];

/** Whether Vaultwarden would take it for its administrator's page: it parts a path first, and decodes the parts then. */
function isAdmin(sent: string): boolean {
  const [way = ""] = sent.split("?");
  const parts = way.split("/").map((part) => encodeURIComponent(decodeURIComponent(part)));
  return /^\/+admin(\/|$)/.test(path.posix.normalize(parts.join("/")));
}

describe("the real ingress", () => {
  const getCluster = useCluster();
  let traefik: Daemon | undefined;
  let holder: Holder | undefined;
  const apps: http.Server[] = [];
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
        ["Namespace", "Ingress"].includes(kind) || /-(held|closed)$/.test(metadata.name),
    );
    const chart = renderChartObjects(ADDRESS, PODS);
    const objects = [...wanted, ...chart, ...BACKENDS, secret];
    await applyObjects(cluster, objects.map(atPort(holder.port)));
    for (const port of [3000, VAULTWARDEN_PORT]) {
      const app = http.createServer(({ headers, url }, response) => {
        response.end(JSON.stringify(port === 3000 ? headers : { sent: url }));
      });
      await new Promise<void>((resolve) => app.listen(port, APPS, resolve));
      apps.push(app);
    }
    traefik = new Daemon({
      folder: cluster.folder,
      program: toolPath("traefik"),
      args: renderArgs(...onLan(ADDRESS, TRAEFIK, PODS)),
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
    for (const app of apps) app.close();
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

  it("lets nobody get to the administrator's page of an app that is public, however they write it", async () => {
    const url = "https://passwords.rowan.se/";
    const sent = z.object({ sent: z.string() });
    const reach = async (way: string): Promise<string | undefined> => {
      const { status, text } = await browse(url, { path: way });
      return status === 200 ? sent.parse(JSON.parse(text)).sent : undefined;
    };
    assert.equal(await reach("/api/config"), "/api/config");
    for (const way of ADMIN) {
      const reached = await reach(way);
      assert.ok(
        reached === undefined || !isAdmin(reached),
        `${way} came there as ${reached ?? ""}`,
      );
    }
    assert.equal((await browse(`${url}admin`)).status, 503);
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
