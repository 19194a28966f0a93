import type { AppMachine } from "./app";

/** The control plane that holds the ports of sleeping apps: by name, so that order means nothing. */
export function findController<M extends Pick<AppMachine, "name" | "roles">>(
  machines: readonly M[],
): M | undefined {
  return [...machines]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .find(({ roles }) => roles.includes("control-plane"));
}

/** Where an app on `machine` is reached: itself, or the control plane that holds its port while it sleeps. */
export function addressOf(machine: string, machines: readonly AppMachine[]): string | undefined {
  const own = machines.find(({ name }) => name === machine);
  return own?.sleeps === true ? findController(machines)?.address : own?.address;
}
