import assert from "node:assert/strict";
import http from "node:http";
import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { CERTIFICATE, NAMESPACE } from "../../components/platform/certificates/names";
import { waitFor } from "../rig/wait";
import { recordStack } from "../support/stack";
import { judgePlatform } from "../unit/platform/platform-checks";
import { LOAD_BALANCER, platformSite } from "../unit/platform/sites";
import { DNS_SERVER, Internet } from "./acme";
import { applyCrds, PLATFORM_GROUPS } from "./crds";
import { Daemon } from "./daemon";
import { conditionOf, kubeObject, type KubeObject } from "./kube-object";
import { requireLan } from "./lan";
import { applyObjects, objectsOf } from "./plan-objects";
import { toolPath } from "./tools";
import { onLan, renderArgs, renderChartObjects, renderGrafana } from "./traefik";
import { requireTools, useCluster } from "./use-cluster";
import { ask, type WebAnswer } from "./web";

const TOKEN = "t0ken-of-cloudflare";
/** Seconds that a certificate is good for: cert-manager renews it when a third of them is left. */
const VALID = 30;
/** Pebble compares as many labels as this has, whatever the length of a name that is asked for. */
const BLOCKED = "blocked.se";
const ADDRESS = "192.168.8.230";
const [PODS, TRAEFIK, GRAFANA] = ["10.244.0.0/16", "10.244.1.80", "10.244.1.30"];
const site = platformSite(
  {
    ...{ domain: "rowan.se", internalDomain: "int.rowan.se", loadBalancer: LOAD_BALANCER },
    ingress: { address: ADDRESS },
    certificates: { email: "robin@rowan.se", cloudflareTokenSecret: "dnsToken" },
  },
  [["monitoring", "grafana"], { host: "grafana" }],
);

const secret = z.object({ data: z.object({ "tls.crt": z.string() }) });

describe("the certificate of all names, by the real controllers", function () {
  this.timeout(180_000);
  const getCluster = useCluster();
  let internet: Internet | undefined;
  let controllers: Daemon | undefined;
  let traefik: Daemon | undefined;
  const grafana = http.createServer((_, response) => response.end("this is Grafana"));
  let certificate: KubeObject;

  before(async function () {
    requireTools(this, ["platform", "pebble"]);
    await requireLan(this, `${ADDRESS}/32`, PODS);
    const cluster = getCluster();
    internet = new Internet(cluster.folder, { token: "another", zone: "rowan.se" });
    await internet.start([BLOCKED], VALID);
    await applyCrds(cluster, ...PLATFORM_GROUPS);
    const planned = objectsOf(await recordStack(site, { dnsToken: TOKEN }));
    const objects = planned
      .map(({ object }) => object)
      .filter(
        ({ kind, metadata, apiVersion }) =>
          ["Namespace", "Ingress"].includes(kind) ||
          apiVersion.startsWith("cert-manager.io") ||
          (kind === "Secret" && metadata.namespace === NAMESPACE),
      );
    const chart = renderChartObjects(ADDRESS, PODS);
    await applyObjects(cluster, [...objects, ...chart, ...renderGrafana(GRAFANA)]);
    certificate = objects.find(({ kind }) => kind === "Certificate") ?? assert.fail();
    controllers = new Daemon({
      folder: cluster.folder,
      program: toolPath("certificates"),
      args: [cluster.kubeconfig, "127.0.0.1:9402", DNS_SERVER],
      through: internet.through,
      env: internet.env,
    });
    await new Promise<void>((resolve) => grafana.listen(3000, GRAFANA, resolve));
    traefik = new Daemon({
      folder: cluster.folder,
      program: toolPath("traefik"),
      args: renderArgs(...onLan(ADDRESS, TRAEFIK, PODS)),
      env: { KUBECONFIG: cluster.kubeconfig },
    });
  });

  after(async () => {
    await Promise.all([controllers?.stop(), traefik?.stop()]);
    grafana.close();
    await internet?.stop();
  });

  let judged: { seen: string; lines: readonly string[] } = { seen: "", lines: [] };
  /** What `vmstation validate platform` says now. */
  const validate = async (): Promise<readonly string[]> => {
    controllers?.assertRunning();
    const list = async (path: string) => ({ ok: await getCluster().api.get(path) });
    const sources = {
      issuers: await list("/apis/cert-manager.io/v1/clusterissuers"),
      issuedCertificates: await list("/apis/cert-manager.io/v1/certificates"),
      challenges: await list("/apis/acme.cert-manager.io/v1/challenges"),
    };
    // Only what is new is worth a run of the checks.
    const seen = JSON.stringify(sources);
    if (seen !== judged.seen) judged = { seen, lines: judgePlatform(site, [sources])[0] ?? [] };
    return judged.lines;
  };
  const untilValidateSays = (words: RegExp): Promise<string> =>
    waitFor(
      `validate to say ${String(words)}`,
      async () => (await validate()).find((line) => words.test(line)),
      60_000,
    );
  /** As somebody's browser, which trusts the authority's root and nothing else. */
  const browse = async (): Promise<WebAnswer> => {
    traefik?.assertRunning();
    const ca = await internet?.root();
    return ask("https://grafana.int.rowan.se/", { at: ADDRESS, ca: ca ?? assert.fail() });
  };
  const shown = async (): Promise<X509Certificate> => {
    const at = `/api/v1/namespaces/traefik/secrets/${CERTIFICATE}`;
    const { data } = secret.parse(await getCluster().api.get(at));
    return new X509Certificate(Buffer.from(data["tls.crt"], "base64"));
  };

  it("has an issuer that knows the authority before any token is tried", async () => {
    await untilValidateSays(/^issuer: pass: 1 ready/);
  });

  it("is not issued with a token that Cloudflare refuses: validate has Cloudflare's words", async () => {
    await untilValidateSays(/^certificates: fail: .*9109: Invalid access token/s);
  });

  it("is not issued for a zone of somebody else: validate says which zone there is none of", async () => {
    Object.assign(internet?.account ?? {}, { token: TOKEN, zone: "another.example" });
    await untilValidateSays(/^certificates: fail: .*no Zones for domain .*rowan\.se/s);
  });

  it("is issued once both are right, with nobody's help, for every name", async () => {
    Object.assign(internet?.account ?? {}, { zone: "rowan.se" });
    await untilValidateSays(/^certificates: pass: 1 issued/);
    const { subjectAltName = "" } = await shown();
    const names = ["int.rowan.se", "*.int.rowan.se", "rowan.se", "*.rowan.se"];
    assert.deepEqual(subjectAltName.split(", ").sort(), names.map((name) => `DNS:${name}`).sort());
  });

  it("is what the ingress shows for an app's name, to everybody who trusts the authority", async () => {
    const answer = await waitFor("Traefik to show it", browse);
    assert.equal(answer.text, "this is Grafana");
    assert.equal(answer.serial, (await shown()).serialNumber);
  });

  it("has the figures that its alerts ask for", async () => {
    const { text } = await ask("http://127.0.0.1:9402/metrics");
    for (const name of ["ready_status", "expiration_timestamp_seconds"])
      assert.match(
        text,
        new RegExp(`^certmanager_certificate_${name}\\{[^}]*name="${CERTIFICATE}"`, "m"),
      );
  });

  it("is refused by the authority for some names: validate has the authority's words", async () => {
    const refused = kubeObject.parse({
      ...certificate,
      metadata: { name: "refused", namespace: "traefik" },
      spec: {
        ...z.looseObject({}).parse(certificate.spec),
        secretName: "refused",
        dnsNames: [BLOCKED],
      },
    });
    await applyObjects(getCluster(), [refused]);
    await waitFor("it to be refused", async () => {
      return conditionOf(await getCluster().api.read(refused), "Issuing") === "False";
    });
    await untilValidateSays(/^certificates: fail: .*traefik\/refused: .*forbidden by policy/s);
  });

  it("is renewed before its end, with a new key, and the ingress shows that one by itself", async () => {
    const first = await shown();
    const second = await waitFor(
      "another certificate",
      async () => {
        controllers?.assertRunning();
        const now = await shown();
        return now.serialNumber !== first.serialNumber && now;
      },
      VALID * 1000,
    );
    assert.ok(Date.parse(second.validFrom) < Date.parse(first.validTo), "before its end");
    await waitFor("Traefik to show the new one", async () => {
      return (await browse()).serial === second.serialNumber;
    });
    assert.notDeepEqual(
      second.publicKey.export({ type: "spki", format: "der" }),
      first.publicKey.export({ type: "spki", format: "der" }),
    );
  });
});
