const INSTALL = "How to install it: https://www.pulumi.com/docs/install/";

/** Nothing but a preview can be done without the CLI. `reason`: why there is none. */
export function renderNoCli(reason: string): string {
  return `${renderMissing(reason)} ${INSTALL}`;
}

/** `change`: the option by which a preview differs from the stack's file. */
export function renderChangeWithoutCli(reason: string, change: string): string {
  const instead = "Without it, use: npx vmstation plan --set layer.key=VALUE.";
  return `${renderMissing(reason)} ${change} needs the CLI. ${instead} ${INSTALL}`;
}

/** What a preview shows instead. */
export function renderPlanInstead(reason: string): string {
  return `${renderMissing(reason)} So this shows the plan of VMStation itself. ${INSTALL}\n`;
}

function renderMissing(reason: string): string {
  return `There is no Pulumi CLI: ${reason}.`;
}
