import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeFailure, trustOptions } from "../../../components/hypervisor/proxmox/trust";

const pem = (name: string): string => `-----BEGIN CERTIFICATE-----\n${name}\n`;

describe("the authorities by which Proxmox's certificate is checked", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vmstation-trust-"));
    mkdirSync(join(folder, "more"));
    writeFileSync(join(folder, "bundle.pem"), pem("bundle"));
    writeFileSync(join(folder, "extra.pem"), pem("extra"));
    writeFileSync(join(folder, "more/one.pem"), pem("one"));
    writeFileSync(join(folder, "more/README"), "no certificate");
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("are the configured one alone", () => {
    assert.deepEqual(trustOptions("ours", { SSL_CERT_DIR: join(folder, "more") }), {
      ca: ["ours"],
      allowPartialTrustChain: true,
    });
  });

  it("else those of the system, as the provider trusts them, beside Node's", () => {
    const { ca: found, allowPartialTrustChain } = trustOptions(undefined, {
      SSL_CERT_FILE: join(folder, "bundle.pem"),
      SSL_CERT_DIR: `/etc/ssl/certs:${join(folder, "more")}:${join(folder, "none")}`,
      NODE_EXTRA_CA_CERTS: join(folder, "extra.pem"),
    });
    assert.deepEqual(found.slice(-3), [pem("bundle"), pem("extra"), pem("one")]);
    assert.ok(found.length > 50);
    assert.equal(allowPartialTrustChain, false);
  });

  it("are named as the key to write where they do not fit", () => {
    const error = Object.assign(new Error("self-signed"), { code: "SELF_SIGNED_CERT_IN_CHAIN" });
    assert.match(
      describeFailure(error, undefined),
      /^self-signed\. Write hypervisor\.certificateAuthority.* npx vmstation trust --hypervisor$/,
    );
    assert.equal(describeFailure(new Error("refused"), undefined), "refused");
    assert.equal(describeFailure(new Error("refused"), "ours"), "refused");
    const expired = Object.assign(new Error("expired"), { code: "CERT_HAS_EXPIRED" });
    assert.match(
      describeFailure(expired, "ours"),
      /^expired\. .* If it was renewed, .* --hypervisor$/,
    );
  });
});
