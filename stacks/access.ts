import * as pulumi from "@pulumi/pulumi";
import { ENDPOINT } from "../components/bootstrap/endpoint/endpoint";
import { parseFormer } from "../components/node/former-names";
import { listReachableHosts } from "../components/hypervisor/hosts";
import { isVirtual } from "../components/hypervisor/virtual";
import { wakeTimeoutOf } from "../components/power/config";
import { jumpTo } from "../components/remote/jump";
import type { RemoteAccess } from "../components/remote/machine";
import type { Reachable } from "../components/remote/reach";
import { createWakeHooks } from "../components/remote/wake-hook";
import type { Stack } from "./config";
import { controllerOf } from "./site";

/**
 * How this stack's machines are reached, and woken before there is work on them. `isClusterDone`: whether this run has
 * got through with the cluster; before, a machine that has left the configuration may still be part of it.
 */
export function createAccess(
  { site, secrets }: Stack,
  isClusterDone: () => boolean = () => true,
): RemoteAccess {
  const { lan, remote } = site.config;
  const machines = listReachable(site);
  const privateKey = secrets(remote.privateKeySecret);
  const always = site.machines.find((machine) => !machine.sleeps && !machine.offline);
  const relay = always === undefined ? undefined : { machine: always, privateKey };
  const dial = { attempts: remote.dialAttempts, timeout: remote.dialTimeout };
  const jumps = new Map(machines.map((machine) => [machine.address, jumpTo(machine, dial)]));
  for (const { name, address, offline } of machines) {
    const problem = jumps.get(address)?.problem;
    if (problem !== undefined && !offline) void pulumi.log.warn(`${name}: ${problem}`);
  }
  const first = controllerOf(site);
  const controller = first.offline
    ? { unreachable: `the controller ${first.name} is marked offline` }
    : { machine: first, privateKey };
  return {
    settings: remote,
    privateKey,
    jumpTo: ({ address }) => jumps.get(address) ?? {},
    hooks: createWakeHooks({
      ...{ machines, lan, relay, controller, hasKey: privateKey !== undefined },
      routeProblem: (machine) => jumps.get(machine.address)?.problem,
      refuseRemoval: (name) =>
        refuseFormer(name, site.machines) ?? (isClusterDone() ? undefined : refuseAddress(name)),
      refuseLeaving: (name) => (isClusterDone() ? undefined : refuseLeaving(name)),
    }),
  };
}

/** The machines, and the hypervisors that keys of machines are brought to. */
function listReachable({ config, machines }: Stack["site"]): Reachable[] {
  const { remote, power, hypervisor } = config;
  const awake = remote.dialTimeout * remote.dialAttempts;
  const patient = machines.map((machine) => ({
    ...machine,
    patience: machine.power.mode === "sleeps" ? wakeTimeoutOf(machine.power, power) : awake,
  }));
  // A machine's time to wake is its host's as well, where that sleeps.
  const asleep = Math.max(...patient.map(({ patience }) => patience), power.wakeTimeout);
  const hosts = listReachableHosts(hypervisor, machines.filter(isVirtual), { awake, asleep });
  const taken = new Set(patient.map(({ address }) => address));
  return [...patient, ...hosts.filter(({ address }) => !taken.has(address))];
}

/**
 * With --continue-on-error the engine removes what has left the program also where it has skipped the cluster: the
 * machine would lose its firewall, and the log-in by which it is taken out of the cluster, while it is still in it.
 */
function refuseLeaving(name: string): string | undefined {
  if (process.env.VMSTATION_DESTROYS === "1") return undefined;
  return (
    `${name} stays: its machine has left the configuration, and this update did not get as far as taking it out of ` +
    `the cluster. Mend what has failed and run the update again; for a machine that is gone permanently there is: ` +
    `npx vmstation forget MACHINE --stack ${pulumi.getStack()}`
  );
}

/** The same of the API server's virtual address, which has left the configuration: who uses it has to leave it first. */
function refuseAddress(name: string): string | undefined {
  if (!name.startsWith(`${ENDPOINT}-`) || process.env.VMSTATION_DESTROYS === "1") return undefined;
  return (
    `${name} stays: this update did not get as far as taking the API server's virtual address out of the cluster, whose ` +
    "machines still use it. Mend what has failed and run the update again"
  );
}

/**
 * A resource of an earlier version whose step another one does today: its own removal script would take away what that
 * one has put there. `vmstation up` does not come this far; a destroy does, where all is to go.
 */
function refuseFormer(
  name: string,
  machines: readonly { readonly name: string }[],
): string | undefined {
  const former = parseFormer(name);
  if (former === undefined || !machines.some((machine) => machine.name === former.machine))
    return undefined;
  if (process.env.VMSTATION_DESTROYS === "1") return undefined;
  const stack = pulumi.getStack();
  return (
    `${name} is a resource of an earlier version. ${former.successor} does its work today, so ${name} is not removed ` +
    `and ${former.machine} stays as it is. Convert the state, which changes no machine: ` +
    `npx vmstation migrate --stack ${stack}. To destroy the stack: npx vmstation destroy --stack ${stack}`
  );
}
