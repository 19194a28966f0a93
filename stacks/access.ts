import type { RemoteAccess } from "../components/remote/machine";
import { createWakeHooks } from "../components/remote/wake-hook";
import type { Stack } from "./config";
import { controllerOf, wakeTimeoutOf } from "./site";

/** How this stack's machines are reached, and woken before there is work on them. */
export function createAccess({ site, secrets }: Stack): RemoteAccess {
  const { lan, remote } = site.config;
  const machines = site.machines.map((machine) => ({
    ...machine,
    patience:
      machine.power.mode === "sleeps"
        ? wakeTimeoutOf(machine, site.config)
        : remote.dialTimeout * remote.dialAttempts,
  }));
  const privateKey = secrets(remote.privateKeySecret);
  const always = site.machines.find((machine) => !machine.sleeps && !machine.offline);
  const relay = always === undefined ? undefined : { machine: always, privateKey };
  const first = controllerOf(site);
  const controller = first.offline ? undefined : { machine: first, privateKey };
  return {
    settings: remote,
    privateKey,
    hooks: createWakeHooks({ machines, lan, relay, controller, hasKey: privateKey !== undefined }),
  };
}
