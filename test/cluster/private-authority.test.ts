import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { rootCertificates } from "node:tls";
import { z } from "zod";
import { authorityStep } from "../../components/platform/certificates/authority-step";
import { AUTHORITY, CERTIFICATE, NAMESPACE } from "../../components/platform/certificates/names";
import { run } from "../rig/command";
import { waitFor } from "../rig/wait";
import { Sandbox } from "../support/sandbox";
import { recordStack } from "../support/stack";
import { Certified, certifiedSite, isOfCertificate } from "./certified";
import { kubeObject, type KubeObject } from "./kube-object";
import { applyObjects, objectsOf } from "./plan-objects";
import { toolPath } from "./tools";
import { requireTools, useCluster } from "./use-cluster";

/** Of the certificate of all names here, which cert-manager renews when a third of it is left; the plan leaves it at 90 days. */
const SECONDS = 30;
const PLATFORM_PAGE = path.join(__dirname, "../../docs/platform.md");
const site = certifiedSite({ issuer: "private" });

const withConditions = z.object({ status: z.object({ conditions: z.array(z.looseObject({})) }) });

/** A certificate of all names that is soon over. */
function shortLived(object: KubeObject): KubeObject {
  if (object.metadata.name !== CERTIFICATE || object.kind !== "Certificate") return object;
  const spec = { ...z.looseObject({}).parse(object.spec), duration: `${SECONDS}s` };
  return kubeObject.parse({ ...object, spec });
}

// Each test goes on from what the one before has left, as an owner does.
describe("a private authority, by the real controllers", function () {
  this.timeout(180_000);
  this.bail(true);
  const getCluster = useCluster();
  const sandbox = new Sandbox();
  let certified: Certified | undefined;
  const parts = (): Certified => certified ?? assert.fail();
  let objects: KubeObject[];
  /** What devices were told to trust, in PEM. */
  let root: string;

  before(async function () {
    requireTools(this, ["platform"]);
    certified = await Certified.prepare(this, getCluster(), site);
    const planned = objectsOf(await recordStack(site)).map(({ object }) => object);
    objects = planned.filter(isOfCertificate).map(shortLived);
    await applyObjects(getCluster(), objects);
    await certified.start();
  });
  after(async () => {
    await certified?.stop();
    sandbox.remove();
  });

  const kubectl = (...words: string[]): Promise<unknown> => getCluster().kubectl(words);

  /** Does on this machine what the program's step does on the control plane. */
  function doStep(verb: "apply" | "remove"): void {
    const step = authorityStep();
    const files = (step.files ?? []).map(({ path: place, content }) =>
      sandbox.file(
        path.basename(place),
        content.replace("/etc/kubernetes/admin.conf", getCluster().kubeconfig),
        { mode: "0755" },
      ),
    );
    const script = step.script.replace(
      "PATH=$PATH",
      `PATH=${path.dirname(toolPath("kubectl"))}:$PATH`,
    );
    const settings = { ...step.settings, COPY: files[0]?.path ?? "" };
    const { code, stderr } = sandbox.run({ ...step, script, settings, files }, verb);
    assert.equal(code, 0, stderr);
  }

  /** Asks for another certificate, as `cmctl renew` does. */
  async function renew(name: string, namespace: string): Promise<void> {
    const at = `/apis/cert-manager.io/v1/namespaces/${namespace}/certificates/${name}`;
    const { status } = withConditions.parse(await getCluster().api.get(at));
    const condition = { type: "Issuing", status: "True", reason: "ManuallyTriggered", message: "" };
    const conditions = [...status.conditions, condition];
    await getCluster().api.merge(`${at}/status`, { status: { conditions } });
  }

  it("issues the certificate of all names, which the ingress shows", async () => {
    await parts().untilValidateSays(/^issuer: pass: 2 ready/);
    await parts().untilValidateSays(/^certificates: pass: 2 issued/);
  });

  it("is trusted by who has the file that the documentation tells to write, and by nobody else", async () => {
    const text = readFileSync(PLATFORM_PAGE, "utf8");
    const [command = ""] = /^kubectl .* > home\.crt$/m.exec(text) ?? [];
    const PATH = `${path.dirname(toolPath("kubectl"))}:${process.env.PATH ?? ""}`;
    const env = { PATH, KUBECONFIG: getCluster().kubeconfig };
    await run("sh", ["-c", `cd '${sandbox.root}' && ${command}`], { env });
    root = sandbox.read("home.crt");
    assert.doesNotMatch(root, /PRIVATE KEY/);
    assert.ok(new X509Certificate(root).ca);
    const answer = await waitFor("Traefik to show it", () => parts().browse(root));
    assert.equal(answer.text, "this is Grafana");
    assert.match(answer.names, /DNS:\*\.int\.rowan\.se/);
    await assert.rejects(parts().browse(rootCertificates.join("\n")), /unable to (get|verify)/);
  });

  it("renews the certificate of all names before its end, with a new key, and devices notice nothing", async () => {
    const first = await parts().shown();
    const second = await parts().renewed(first, SECONDS * 1000);
    assert.ok(Date.parse(second.validFrom) < Date.parse(first.validTo), "before its end");
    assert.ok(!second.publicKey.equals(first.publicKey));
    await waitFor("Traefik to show it", async () => {
      return (await parts().browse(root)).serial !== first.serialNumber;
    });
  });

  it("is renewed with the key that it has: who trusted it before still does", async () => {
    await renew(AUTHORITY, NAMESPACE);
    const renewed = await waitFor("another root", async () => {
      const now = await parts().shown(AUTHORITY, NAMESPACE);
      return now.serialNumber !== new X509Certificate(root).serialNumber && now;
    });
    assert.ok(renewed.publicKey.equals(new X509Certificate(root).publicKey));
    const { serial } = await parts().browse(root);
    await renew(CERTIFICATE, "traefik");
    await waitFor("a certificate by the renewed root", async () => {
      return (await parts().browse(root)).serial !== serial;
    });
    root = renewed.toString();
  });

  it("comes back with the part after that has gone with all that was made for it", async () => {
    doStep("apply");
    const own = objects.filter(({ apiVersion }) => apiVersion.startsWith("cert-manager.io"));
    for (const { kind, metadata } of own.reverse())
      await kubectl("-n", metadata.namespace ?? "default", "delete", kind, metadata.name);
    doStep("remove");
    await kubectl("-n", "traefik", "delete", "secret", CERTIFICATE);
    await kubectl("delete", "namespace", NAMESPACE);
    await applyObjects(
      getCluster(),
      objects.filter(({ kind }) => kind === "Namespace"),
    );
    doStep("apply");
    await applyObjects(getCluster(), own.reverse());
    await parts().untilValidateSays(/^certificates: pass: 2 issued/);
    const back = await parts().shown(AUTHORITY, NAMESPACE);
    assert.equal(back.serialNumber, new X509Certificate(root).serialNumber);
    await waitFor("Traefik to show a new certificate", () => parts().browse(root));
  });
});
