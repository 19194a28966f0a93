import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";

const CHECKS = path.join(__dirname, "../../../components/validation/files/checks");

/** What is advised where this certificate is about to end, by the check's own judgement. */
const JUDGE = `
import json, sys
sys.path.insert(0, sys.argv[1])
import check_certificates
from result import Observations
seen = Observations({"certificates": {"ok": {sys.argv[2]: {"ok": 1060}}}})
print(json.dumps([check.advice for check in check_certificates.check(seen, {"certificates": 86400}, 1000)]))
`;

function adviceFor(certificate: string): string {
  return execFileSync("python3", ["-B", "-c", JUDGE, CHECKS, certificate], { encoding: "utf8" });
}

describe("the advice for a certificate that ends soon", () => {
  it("is how the tool that made it renews it", () => {
    assert.match(adviceFor("/etc/kubernetes/pki/apiserver.crt"), /kubeadm certs renew all/);
    assert.match(adviceFor("/var/lib/rancher/rke2/server/tls/x.crt"), /restart rke2-server /);
    assert.match(adviceFor("/var/lib/rancher/k3s/server/tls/x.crt"), /restart k3s on that machine/);
  });
});
