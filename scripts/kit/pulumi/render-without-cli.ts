import { renderCommand } from "../advice";

const INSTALL = "How to install it: https://www.pulumi.com/docs/install/";

/** Nothing but a preview can be done without the CLI. `reason`: why there is none. */
export function renderNoCli(reason: string): string {
  return `${renderMissing(reason)} ${INSTALL}`;
}

/** `change`: the option by which a preview differs from the stack's file. */
export function renderChangeWithoutCli(reason: string, change: string, stack: string): string {
  const instead = renderCommand({ stack }, "plan", "--set", "layer.key=VALUE");
  const needs = `${renderMissing(reason)} ${change} needs the CLI. ${INSTALL}`;
  return `${needs}\nWithout it, use: ${instead}`;
}

/** What a preview shows instead. */
export function renderPlanInstead(reason: string): string {
  return `${renderMissing(reason)} So this shows the plan of VMStation itself. ${INSTALL}\n`;
}

function renderMissing(reason: string): string {
  return `There is no Pulumi CLI: ${reason}.`;
}
