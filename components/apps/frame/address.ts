import type { AppSite } from "./app";

/**
 * Where an app on `machine` is reached: itself, or the controller, which holds its port while it sleeps. The controller,
 * which is always on, also where the app has no machine of its own: a NodePort is open on every machine.
 */
export function addressOf(
  machine: string | undefined,
  { machines, controller }: Pick<AppSite, "machines" | "controller">,
): string | undefined {
  if (machine === undefined) return controller?.address;
  const own = machines.find(({ name }) => name === machine);
  return own?.sleeps === true ? controller?.address : own?.address;
}
