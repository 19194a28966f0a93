import type { BootstrapConfig } from "../../../components/bootstrap/config";
import { bootstrapSchema } from "../../../components/bootstrap/config";
import {
  fixedRole,
  fixedSettings,
  type FixedSetting,
} from "../../../components/bootstrap/fixed-settings";
import { methodOf } from "../../../components/bootstrap/methods";
import type { ClusterArgs } from "../../../components/bootstrap/args";
import { findController } from "../../../components/node/facts";
import type { Machine } from "../../../components/node/machine";
import { clusterArgs as composeArgs } from "../../../stacks/cluster-args";
import { homelabSite } from "../../support/site";
import type { Change } from "../../support/homelab";
import { METHOD_NAMES, withNeeded, type Method } from "../../support/methods";

export type { Method };
export type ArgsOf<M extends Method> = ClusterArgs<Extract<BootstrapConfig, { method: M }>>;

/** The cluster of the real homelab, with changes of its site and of the bootstrap's settings. */
export function clusterArgs(
  settings: Readonly<Record<string, unknown>> = {},
  ...changes: readonly Change[]
): ClusterArgs<BootstrapConfig> {
  const site = homelabSite(...changes);
  const method = METHOD_NAMES.find((name) => name === settings.method) ?? "kubespray";
  const config = bootstrapSchema.parse({ existing: "adopt", ...withNeeded(method, settings) });
  const controller = findController(site.machines, config.controller);
  return {
    ...composeArgs(site, { settings: site.config.remote }),
    ...(controller === undefined ? {} : { controller }),
    clusterName: "homelab",
    wakeTimeout: 240,
    config,
  };
}

function isMethod<M extends Method>(
  args: ClusterArgs<BootstrapConfig>,
  method: M,
): args is ArgsOf<M> {
  return args.config.method === method;
}

/** The same for one method, typed as that method's. */
export function argsOf<M extends Method>(
  method: M,
  settings: Readonly<Record<string, unknown>> = {},
  ...changes: readonly Change[]
): ArgsOf<M> {
  const args = clusterArgs({ ...settings, method }, ...changes);
  if (!isMethod(args, method)) throw new Error(`not ${method}`);
  return args;
}

/** What the method keeps of a running cluster. */
export function keptBy(args: ClusterArgs): readonly FixedSetting[] {
  const others = args.config.method === "kubespray" ? [] : args.machines.map(fixedRole);
  return fixedSettings(args, methodOf(args.config).keyChanges, others);
}

export function machineNamed(machines: readonly Machine[], name: string): Machine {
  const found = machines.find((machine) => machine.name === name);
  if (found === undefined) throw new Error(`no machine is called ${name}`);
  return found;
}

/** Two more machines that are control planes and etcd members. */
export const THREE_CONTROL_PLANES: readonly Change[] = ["second", "third"].map((name, i) => [
  ["machines", name],
  {
    address: `192.168.8.7${i}`,
    nic: "eth0",
    os: "debian-12",
    roles: ["control-plane", "etcd"],
    sshUser: "robin",
    dns: ["192.168.8.1"],
  },
]);
