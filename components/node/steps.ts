import { createHash } from "node:crypto";
import { digestStep, readScript, type Step, type StepFile } from "../remote/step";
import type { NodeContext, NodeStep } from "./context";
import { firewallStep } from "./firewall-step";
import { identityStep } from "./identity-step";
import { kernelStep } from "./kernel-step";
import { logsStep } from "./logs-step";
import type { Machine } from "./machine";
import { packagesStep } from "./packages-step";
import { sshdStep } from "./sshd-step";
import { storageStep } from "./storage-step";
import { timeStep } from "./time-step";

/**
 * Both come by connections of their own after firewall's and sshd's, whenever these change: the first confirms
 * them, or makes anew what was undone because a run was cut; the second confirms that, and sees that nothing is open.
 */
function closingStep(name: "confirm" | "ready", confirmed: readonly Step[]): Step {
  return {
    name,
    script: readScript(__dirname, `files/${name}.sh`),
    libraries: ["guard"],
    checks: false,
    confirms: confirmed.map((step) => step.name),
    settings: {
      CONFIRMS: confirmed.map((step) => `${step.name} ${digestStep(step)}`),
      EXPECTED: confirmed.flatMap((step) => (step.files ?? []).map(renderExpected)),
    },
  };
}

/** A file's path and the SHA-256 of its content, as sha256sum would tell them. */
function renderExpected({ path, content }: StepFile): string {
  return `${path} ${createHash("sha256").update(content).digest("hex")}`;
}

// What could lock the operator out comes after these.
const STEPS: readonly NodeStep[] = [
  identityStep,
  packagesStep,
  kernelStep,
  storageStep,
  timeStep,
  logsStep,
];

/** All that is done to prepare `machine`, in order. */
export function nodeSteps(machine: Machine, context: NodeContext): Step[] {
  const { enabled } = context.config.firewall;
  const guarded = [...(enabled ? [firewallStep] : []), sshdStep].map((s) => s(machine, context));
  return [
    ...STEPS.map((step) => step(machine, context)),
    ...guarded,
    closingStep("confirm", guarded),
    closingStep("ready", guarded),
  ];
}
