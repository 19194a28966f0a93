import assert from "node:assert/strict";
import { z } from "zod";
import { CERTIFICATE, NAMESPACE } from "../../components/platform/certificates/names";
import { waitFor } from "../rig/wait";
import { recordStack } from "../support/stack";
import { DNS_SERVER, Internet } from "./acme";
import { Certified, certifiedSite, isOfCertificate } from "./certified";
import { conditionOf, kubeObject, type KubeObject } from "./kube-object";
import { applyObjects, objectsOf } from "./plan-objects";
import { requireTools, useCluster } from "./use-cluster";
import { ask, type WebAnswer } from "./web";

const TOKEN = "t0ken-of-cloudflare";
/** Seconds that a certificate is good for: cert-manager renews it when a third of them is left. */
const VALID = 30;
/** Pebble compares as many labels as this has, whatever the length of a name that is asked for. */
const BLOCKED = "blocked.se";
const site = certifiedSite({ email: "robin@rowan.se", cloudflareTokenSecret: "dnsToken" });

describe("the certificate of all names, by the real controllers", function () {
  this.timeout(180_000);
  const getCluster = useCluster();
  let internet: Internet | undefined;
  let certified: Certified | undefined;
  const parts = (): Certified => certified ?? assert.fail();
  let certificate: KubeObject;

  before(async function () {
    requireTools(this, ["platform", "pebble"]);
    const cluster = getCluster();
    certified = await Certified.prepare(this, cluster, site);
    internet = new Internet(cluster.folder, { token: "another", zone: "rowan.se" });
    await internet.start([BLOCKED], VALID);
    const planned = objectsOf(await recordStack(site, { dnsToken: TOKEN }));
    const objects = planned
      .map(({ object }) => object)
      .filter(
        (object) =>
          isOfCertificate(object) ||
          (object.kind === "Secret" && object.metadata.namespace === NAMESPACE),
      );
    await applyObjects(cluster, objects);
    certificate = objects.find(({ kind }) => kind === "Certificate") ?? assert.fail();
    const { through, env } = internet;
    await parts().start({ dns: DNS_SERVER, through, env });
  });

  after(async () => {
    await certified?.stop();
    await internet?.stop();
  });

  const untilValidateSays = (words: RegExp): Promise<string> => parts().untilValidateSays(words);
  /** As somebody's browser, which trusts the authority's root and nothing else. */
  const browse = async (): Promise<WebAnswer> =>
    parts().browse((await internet?.root()) ?? assert.fail());

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
    const { subjectAltName = "" } = await parts().shown();
    const names = ["int.rowan.se", "*.int.rowan.se", "rowan.se", "*.rowan.se"];
    assert.deepEqual(subjectAltName.split(", ").sort(), names.map((name) => `DNS:${name}`).sort());
  });

  it("is what the ingress shows for an app's name, to everybody who trusts the authority", async () => {
    const answer = await waitFor("Traefik to show it", browse);
    assert.equal(answer.text, "this is Grafana");
    assert.equal(answer.serial, (await parts().shown()).serialNumber);
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
    const first = await parts().shown();
    const second = await parts().renewed(first, VALID * 1000);
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
