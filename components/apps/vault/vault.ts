import type { PolicyNeed } from "../../shared/facts";
import type { Problem } from "../../shared/problem";
import type { App, AppPlan, AppPort, AppSite } from "../frame/app";
import { ownBackups, ownVolume } from "../frame/own-volume";
import { renderSelector } from "../frame/placement";
import { routeOf } from "../frame/route";
import { ALERTS } from "./alerts";
import { type VaultConfig, vaultSchema } from "./config";
import { ENGINES } from "./engines";
import { NAME, SNAPSHOTS, unsealCommand, VAULT_PORT } from "./names";
import { createSnapshots } from "./snapshots";
import { deployVault } from "./workload";

export const vault: App<typeof vaultSchema> = { schema: vaultSchema, plan: planVault };

function planVault(config: VaultConfig, site: AppSite): AppPlan {
  const key = `apps.${NAME}`;
  return {
    name: NAME,
    // The same for each engine: it is part of what its resources are called.
    title: "Vault",
    machine: config.machine,
    podSecurity: "restricted",
    resources: config.resources,
    ports: PORTS,
    volumes: [
      ownVolume("data", `${key}.data`, config.data, config.uid, true),
      ownVolume("snapshots", `${key}.snapshots`, config.snapshots, config.uid),
    ],
    policies: listPolicies(site),
    judge: () => sleeping(config, site),
    secrets: [
      {
        path: `${key}.snapshots.tokenSecret`,
        name: config.snapshots.tokenSecret,
        leftOut: `no snapshots of ${ENGINES[config.engine].title} are made, and the backups hold nothing of it`,
      },
    ],
    idle: { port: VAULT_PORT },
    route: routeOf(NAME, config, "http"),
    alerts: [ALERTS],
    checks: { namespace: NAME, pod: `${NAME}-0`, port: VAULT_PORT, unseal: unsealCommand(config) },
    workload: { kind: "StatefulSet", name: NAME },
    service: NAME,
    // Files of a store in use are no copy of it: its own snapshots are.
    backups: ownBackups(config.snapshots),
    deploy: (frame) => {
      createSnapshots(config, frame, deployVault(config, frame));
    },
  };
}

/** By its name alone: without TLS a port on a machine would show the LAN what it answers. */
const PORTS: readonly AppPort[] = [
  {
    ...{ name: "http", port: VAULT_PORT, nodePort: undefined },
    ...{ path: `apps.${NAME}.host`, speaks: "http" },
  },
];

/** Other pods use it, the ingress among them; its snapshots are made by a pod of its own. */
function listPolicies({ network }: AppSite): PolicyNeed[] {
  const ports = [{ port: VAULT_PORT, protocol: "TCP" }] as const;
  return [
    {
      ...{ name: `${NAME}-from-pods`, pods: renderSelector(NAME), direction: "ingress", ports },
      peers: [{ cidr: network.podCidr }],
    },
    {
      ...{ name: `${NAME}-snapshots`, pods: SNAPSHOTS, direction: "egress", ports },
      peers: [{ pods: renderSelector(NAME) }],
    },
  ];
}

/** It wakes sealed, and none of the programs that ask for their secrets can unseal it. */
function sleeping({ machine }: VaultConfig, { machines }: AppSite): Problem[] {
  if (!machines.some(({ name, sleeps }) => name === machine && sleeps)) return [];
  return [
    {
      path: `apps.${NAME}.machine`,
      found: `${machine}, which sleeps: switched off and on again, it is sealed until somebody unseals it`,
      accepted: "a machine whose power.mode is always-on",
    },
  ];
}
