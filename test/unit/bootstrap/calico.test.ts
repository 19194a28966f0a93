import assert from "node:assert/strict";
import { z } from "zod";
import { renderCalicoSpec, renderOperatorPatch } from "../../../components/bootstrap/render-calico";
import { argsOf } from "./sites";

const preferredSchema = z.object({
  nodeAffinity: z.object({
    preferredDuringSchedulingIgnoredDuringExecution: z.array(
      z.object({
        weight: z.number(),
        preference: z.object({ matchExpressions: z.array(z.unknown()) }),
      }),
    ),
  }),
});
const podSchema = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()) }).optional(),
  spec: z.object({ affinity: z.unknown() }),
});
const deployment = z.object({ spec: z.object({ template: podSchema }) });

function preferencesOf(affinity: unknown): unknown[] {
  const { nodeAffinity } = preferredSchema.parse(affinity);
  return nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution.flatMap(
    ({ preference }) => preference.matchExpressions,
  );
}

describe("Calico by its operator, where machines sleep", () => {
  const ALWAYS_ON = [{ key: "vmstation.io/addons", operator: "In", values: ["true"] }];
  const typhaOf = (args: Parameters<typeof renderCalicoSpec>[0]) =>
    z.object({ typhaDeployment: deployment }).parse(renderCalicoSpec(args)).typhaDeployment.spec
      .template;

  it("prefers machines that never sleep for Typha and for the operator itself", () => {
    const args = argsOf("kubeadm");
    assert.deepEqual(preferencesOf(typhaOf(args).spec.affinity), ALWAYS_ON);
    const { template } = deployment.parse(renderOperatorPatch(args)).spec;
    assert.deepEqual(preferencesOf(template.spec.affinity), ALWAYS_ON);
  });

  it("lets a machine sleep that has a Typha, as there may be more of them than machines that never sleep", () => {
    const { labels } = typhaOf(argsOf("kubeadm")).metadata ?? {};
    assert.deepEqual(labels, { "vmstation.io/sleeps-with": "any-machine" });
  });
});
