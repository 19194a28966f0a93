import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { authorityStep } from "../../../components/platform/certificates/authority-step";
import type { Step } from "../../../components/remote/step";
import { named } from "../../support/mocks";
import { Sandbox, type Ran } from "../../support/sandbox";
import { recordStack } from "../../support/stack";
import { LOAD_BALANCER, platformSite } from "./sites";

/** Secrets are files, NAMESPACE.NAME; a file `away` says that nobody answers. */
const KUBECTL = `#!/usr/bin/env python3
import json, os, pathlib, sys
words, here = sys.argv[1:], pathlib.Path(os.environ["SECRETS"])
if (here / "away").exists():
    sys.exit("The connection to the server was refused")
if "get" in words:
    file = here / f"{words[words.index('-n') + 1]}.{words[words.index('secret') + 1]}"
    print(file.read_text() if file.exists() else "", end="")
else:
    secret = json.load(sys.stdin)
    (here / f"{secret['metadata']['namespace']}.{secret['metadata']['name']}").write_text(json.dumps(secret))
`;
const [USED, KEPT] = [
  "cert-manager.private-authority",
  "kube-system.vmstation-private-authority",
] as const;

describe("the private authority", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.write("conf", "");
    sandbox.write("kubectl", KUBECTL);
    fs.chmodSync(sandbox.at("kubectl"), 0o755);
    process.env.SECRETS = sandbox.root;
  });
  afterEach(() => {
    delete process.env.SECRETS;
    sandbox.remove();
  });

  const inSandbox = (): Step => {
    const step = authorityStep();
    const [file] = step.files ?? [];
    const content = (file?.content ?? "").replace("/etc/kubernetes/admin.conf", sandbox.at("conf"));
    const copy = sandbox.file(path.basename(file?.path ?? ""), content, { mode: "0755" });
    const script = step.script.replace("PATH=$PATH", `PATH=${sandbox.root}:$PATH`);
    return { ...step, script, settings: { ...step.settings, COPY: copy.path }, files: [copy] };
  };
  const run = (verb: string): Ran => sandbox.run(inSandbox(), verb);
  const passes = (verb: string): void => {
    const { code, stderr } = run(verb);
    assert.equal(code, 0, stderr);
  };
  const put = (place: string, key: string): void => {
    const [namespace = "", name = ""] = place.split(".");
    const own = { uid: "1", resourceVersion: "7", managedFields: [] };
    const annotations = { "cert-manager.io/issuer-name": "private-authority-root" };
    const metadata = { ...{ name, namespace, annotations }, ...own };
    const head = { apiVersion: "v1", kind: "Secret", type: "kubernetes.io/tls" };
    sandbox.write(place, JSON.stringify({ ...head, metadata, data: { "tls.key": key } }));
  };

  it("is kept when it goes, and is the one that comes back", () => {
    passes("apply");
    // cert-manager makes it where there is none of before.
    assert.ok(!sandbox.exists(USED) && !sandbox.exists(KEPT));
    put(USED, "of-the-home");
    passes("remove");
    // As where the first removal was cut at its end.
    passes("remove");
    const kept: unknown = JSON.parse(sandbox.read(KEPT));
    const annotations = { "cert-manager.io/issuer-name": "private-authority-root" };
    assert.deepEqual(kept, {
      ...{ apiVersion: "v1", kind: "Secret", type: "kubernetes.io/tls" },
      data: { "tls.key": "of-the-home" },
      metadata: { name: "vmstation-private-authority", namespace: "kube-system", annotations },
    });
    // Its namespace goes after it.
    sandbox.write(USED, "");
    passes("apply");
    assert.match(sandbox.read(USED), /of-the-home/);
    assert.match(sandbox.read(USED), /"name": ?"private-authority"/);
  });

  it("is not put over one that is there, and is kept as it was last", () => {
    put(KEPT, "of-before");
    put(USED, "of-today");
    passes("apply");
    assert.match(sandbox.read(USED), /of-today/);
    passes("remove");
    assert.match(sandbox.read(KEPT), /of-today/);
  });

  it("stops a removal while the cluster does not answer, and leaves all in place", () => {
    passes("apply");
    sandbox.write("away", "");
    const { code, stderr } = run("remove");
    assert.equal(code, 1);
    assert.match(stderr, /The connection to the server was refused/);
    assert.match(stderr, /could not be kept as kube-system\/vmstation-private-authority/);
    assert.ok(sandbox.exists("private_authority.py"));
    // As on a machine that is no control plane any more: its kubectl would ask nobody.
    fs.rmSync(sandbox.at("conf"));
    passes("remove");
    assert.ok(!sandbox.exists("private_authority.py"));
  });

  it("is brought back before cert-manager is asked for it, and by that issuer alone", async () => {
    const name = "platform-certificates-authority-maple";
    const record = (certificates: object) =>
      recordStack(
        platformSite({
          ...{ domain: "rowan.se", internalDomain: "int.rowan.se", loadBalancer: LOAD_BALANCER },
          ...{ ingress: { address: "192.168.8.230" }, certificates },
        }),
        { dnsToken: "t0ken" },
      );
    const own = await record({ issuer: "private" });
    const certificate = named(own, "platform-certificates-certificate-private-authority");
    assert.ok(certificate.dependencies.includes(name));
    const acme = await record({ email: "me@rowan.se", cloudflareTokenSecret: "dnsToken" });
    assert.ok(acme.every((each) => each.name !== name));
  });
});
