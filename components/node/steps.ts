import type { Step } from "../remote/step";
import { digestStep, readScript } from "../remote/step";
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

/** Comes by a connection of its own after firewall's and sshd's, whenever these change, and so confirms them. */
function readyStep(confirmed: readonly Step[]): Step {
  return {
    name: "ready",
    script: readScript(__dirname, "files/ready.sh"),
    libraries: ["guard"],
    checks: false,
    confirms: confirmed.map((step) => step.name),
    settings: { CONFIRMS: confirmed.map((step) => `${step.name} ${digestStep(step)}`) },
  };
}

// What could lock the operator out comes last.
const STEPS: readonly NodeStep[] = [
  identityStep,
  packagesStep,
  kernelStep,
  storageStep,
  timeStep,
  logsStep,
  firewallStep,
  sshdStep,
];

/** All that is done to prepare `machine`, in order. */
export function nodeSteps(machine: Machine, context: NodeContext): Step[] {
  const steps = STEPS.map((step) => step(machine, context));
  return [...steps, readyStep(steps.slice(-2))];
}
