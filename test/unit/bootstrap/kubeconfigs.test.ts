import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { METHODS } from "../../../components/bootstrap/methods";

const ROOT = path.join(__dirname, "../../..");

/** What works on a cluster whichever method made it, and finds the administrator's kubeconfig by itself. */
const PLACES = [
  "components/network/files/pods_reach.py",
  "components/validation/files/checks/collect.py",
  "scripts/verbs/diagnose/files/collect.sh",
  "scripts/verbs/kubeconfig/files/read-kubeconfig.sh",
  "scripts/verbs/remedy/files/world.py",
];

describe("what looks for the cluster's kubeconfig", () => {
  for (const place of PLACES) {
    it(`knows where every method keeps it (${path.basename(place)})`, () => {
      const text = fs.readFileSync(path.join(ROOT, place), "utf8");
      for (const method of METHODS) {
        const { kubeconfig } = method.controlPlane("maple").kubectl;
        assert.ok(text.includes(kubeconfig), method.name);
      }
    });
  }
});
