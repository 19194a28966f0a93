import type { AppSite } from "./app";

/** Where an app on `machine` is reached: itself, or the controller, which holds its port while it sleeps. */
export function addressOf(
  machine: string,
  { machines, controller }: Pick<AppSite, "machines" | "controller">,
): string | undefined {
  const own = machines.find(({ name }) => name === machine);
  return own?.sleeps === true ? controller?.address : own?.address;
}
