import { createHash } from "node:crypto";
import {
  digestStep,
  readScript,
  type Step,
  type StepFile,
  type StepGroup,
  type Work,
} from "../remote/step";
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
 * them, or makes again what was undone because a run was cut; the second confirms that, and sees that nothing is open.
 */
function closingStep(name: "confirm" | "ready", access: StepGroup): Step {
  return {
    name,
    script: readScript(__dirname, `files/${name}.sh`),
    libraries: ["guard"],
    checks: false,
    confirms: [access.name],
    settings: {
      CONFIRMS: access.steps.map((step) => `${step.name} ${digestStep(step)}`),
      EXPECTED: access.steps.flatMap((step) => (step.files ?? []).map(renderExpected)),
    },
  };
}

/** A file's path and the SHA-256 of its content, as sha256sum would tell them. */
function renderExpected({ path, content }: StepFile): string {
  return `${path} ${createHash("sha256").update(content).digest("hex")}`;
}

// What is needed by others comes first: packages before what they bring.
const SYSTEM: readonly NodeStep[] = [
  identityStep,
  packagesStep,
  kernelStep,
  storageStep,
  timeStep,
  logsStep,
];

/**
 * All that is done to prepare `machine`, in order: what could lock the operator out comes after all else, and what
 * shows that it did not by connections of its own.
 */
export function nodeSteps(machine: Machine, context: NodeContext): Work[] {
  const { enabled } = context.config.firewall;
  const group = (name: string, steps: readonly NodeStep[]): StepGroup => ({
    name,
    steps: steps.map((step) => step(machine, context)),
  });
  const access = group("access", enabled ? [firewallStep, sshdStep] : [sshdStep]);
  const system = group("system", SYSTEM);
  const names = system.steps.map(({ name }) => name);
  return [
    // The other steps need the packages, and do not depend on each other.
    { ...system, independent: names.filter((name) => name !== "packages") },
    access,
    closingStep("confirm", access),
    closingStep("ready", access),
  ];
}
