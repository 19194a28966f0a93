import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { buildCluster } from "../../../stacks/cluster";
import { METHOD_NAMES, methodChanges } from "../../support/methods";
import { recordGraph } from "../../support/mocks";
import { homelabSite } from "../../support/site";
import { SECRETS } from "../../support/stack";

describe("a stack of which --target leaves out what was never made", () => {
  for (const method of METHOD_NAMES) {
    it(`is described to its end by ${method}: what lacks the others' outputs says so`, async () => {
      const site = homelabSite(...methodChanges(method));
      const secrets = (name?: string) =>
        name === undefined ? undefined : pulumi.secret(SECRETS[name] ?? "");
      const graph = await recordGraph(
        () => buildCluster({ name: "test", site, warnings: [], secrets }),
        () => ({}),
        false,
      );
      const leftOut = graph.filter(({ inputs }) =>
        String(inputs.stdin).startsWith("# left-out on "),
      );
      const names = leftOut.map(({ name }) => name);
      for (const name of ["power-trust-hazel", "power-credentials-maple"]) {
        assert.ok(names.includes(name), names.join(", "));
      }
    });
  }
});
