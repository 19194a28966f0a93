import { kubespray } from "../../versions";
import { byName, digestOf, type ClusterArgs } from "../args";
import type { KubesprayConfig } from "./config";
import { addonMachines } from "../addon-machines";
import { fixedSettings, type FixedSetting } from "../fixed-settings";
import { KUBESPRAY_KEY_CHANGES } from "./key-changes";
import { inventoryOrder, renderHostVars, type HostVars } from "./render-inventory";
import { lanNames } from "../endpoint/address";
import { needsNftables, nodePortNetworks } from "../render-calico";
import { renderObservable, type Observable } from "./render-observable";
import { renderVariables } from "./render-variables";

export interface WantedMachine {
  readonly roles: readonly string[];
  /** Of what Kubespray makes of the machine: a change applies its labels and taints. */
  readonly digest: string;
  readonly version: string;
  readonly offline: boolean;
  readonly sleeps: boolean;
  readonly mac: string | null;
  /** Its host key, by which a new machine under an old name is known. */
  readonly key: string | null;
  readonly vars: HostVars;
}

/** What run.py compares with its record; plan_steps.py says what each part leads to. */
export interface Wanted {
  readonly clusterName: string;
  readonly kubernetesVersion: string;
  readonly kubespray: string;
  readonly existing: KubesprayConfig["existing"];
  readonly resetClusterName: string | null;
  readonly allowRemoval: boolean;
  readonly networks: { readonly podCidr: string; readonly serviceCidr: string };
  readonly machines: Readonly<Record<string, WantedMachine>>;
  readonly groups: Readonly<
    Record<
      string,
      { readonly tags: readonly string[]; readonly manifests: boolean; readonly digest: string }
    >
  >;
  /** What a running cluster keeps. */
  readonly fixed: readonly FixedSetting[];
  readonly observable: Observable;
  readonly snapshot: {
    readonly enabled: boolean;
    readonly directory: string;
    readonly keep: number;
  };
  readonly broadcast: string;
  readonly wakeTimeout: number;
}

export type KubesprayArgs = ClusterArgs<KubesprayConfig>;

export function variableGroups(args: KubesprayArgs): ReturnType<typeof renderVariables> {
  const controlPlanes = byName(args.machines.filter((m) => m.roles.includes("control-plane")));
  return renderVariables(args.config, {
    clusterName: args.clusterName,
    network: args.network,
    nftables: needsNftables(args),
    controlPlanes: controlPlanes.length,
    lanNames: lanNames(controlPlanes),
    nodePortNetworks: nodePortNetworks(args),
  });
}

function renderMachines(args: KubesprayArgs): Record<string, WantedMachine> {
  const { config, machines } = args;
  const addons = addonMachines(config, machines);
  return Object.fromEntries(
    inventoryOrder(machines, args.controller.name).map((machine) => {
      const vars = renderHostVars(machine, addons);
      const wanted: WantedMachine = {
        roles: machine.roles,
        digest: digestOf([vars.node_labels, vars.node_taints]),
        version: config.kubernetesVersion,
        offline: machine.offline,
        sleeps: machine.sleeps,
        mac: machine.mac ?? null,
        key: machine.hostKey ?? null,
        vars,
      };
      return [machine.name, wanted];
    }),
  );
}

export function renderWanted(args: KubesprayArgs): Wanted {
  const { config, network } = args;
  const variables = variableGroups(args);
  const groups = Object.entries(variables).map(
    ([name, { tags, manifests = false, variables: values }]) =>
      [name, { tags, manifests, digest: digestOf(values) }] as const,
  );
  return {
    clusterName: args.clusterName,
    kubernetesVersion: config.kubernetesVersion,
    kubespray: kubespray.tag,
    existing: config.existing,
    resetClusterName: config.resetClusterName ?? null,
    allowRemoval: config.allowRemoval,
    networks: { podCidr: network.podCidr, serviceCidr: network.serviceCidr },
    machines: renderMachines(args),
    groups: Object.fromEntries(groups),
    fixed: fixedSettings(args, KUBESPRAY_KEY_CHANGES),
    observable: renderObservable(variables),
    snapshot: config.etcdSnapshot,
    broadcast: args.broadcast,
    wakeTimeout: args.wakeTimeout,
  };
}
