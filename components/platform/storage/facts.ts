import type {
  LayerFacts,
  MemoryUse,
  NamespaceNeed,
  StorageClassFact,
  VolumePlace,
} from "../../shared/facts";
import { namedAddress } from "../../shared/addresses";
import { apiEgress, egress } from "../../shared/policies";
import type { PlatformSite } from "../part";
import { steadyMachines } from "../place";
import { storageAlerts, storageDashboard } from "./alerts";
import type { StorageConfig } from "./config";
import { LOCAL_RESOURCES } from "./local";
import { NAMESPACES, PATH } from "./names";
import { DRIVER_MEMORY } from "./render-values";

export function storageFacts(config: StorageConfig, site: PlatformSite): LayerFacts {
  const { local, nfs, ceph } = config;
  return {
    addresses: [
      ...(nfs?.server === undefined
        ? []
        : namedAddress(`${PATH}.nfs.server`, nfs.server, "an NFS server")),
      ...(ceph?.monitors ?? []).flatMap((monitor, i) =>
        namedAddress(`${PATH}.ceph.monitors[${i}]`, monitor, "a monitor of Ceph"),
      ),
    ],
    placements: (local?.machines ?? []).map((machine, i) => ({
      path: `${PATH}.local.machines[${i}]`,
      machine,
    })),
    volumes: [
      ...(local === undefined ? [] : localPlaces(local)),
      ...(nfs === undefined ? [] : nfsPlace(nfs)),
    ],
    memory: memory(config, site),
    namespaces: namespaces(config, site),
    secrets:
      ceph === undefined
        ? []
        : [
            {
              path: `${PATH}.ceph.keySecret`,
              name: ceph.keySecret,
              leftOut: "claims of Ceph's storage class wait",
            },
          ],
    storageClasses: classes(config),
    packages:
      ceph === undefined || site.controller === undefined
        ? []
        : [{ machines: [site.controller.name], debian: ["python3"], rhel: ["python3"] }],
    alerts: [storageAlerts],
    dashboards: [storageDashboard],
    openQuestions:
      ceph !== undefined && ceph.monitors.length % 2 === 0
        ? [
            {
              path: `${PATH}.ceph.monitors`,
              message: `${ceph.monitors.length} monitors: Ceph has an odd number of them. Is one missing here?`,
            },
          ]
        : [],
  };
}

/** A volume is only for pods of its own machine. */
function localPlaces(local: NonNullable<StorageConfig["local"]>): VolumePlace[] {
  return local.machines.map((machine, i) => ({
    path: `${PATH}.local.machines[${i}]`,
    machine,
    directory: local.path,
    directoryPath: `${PATH}.local.path`,
    user: `the storage class ${local.className}`,
    sleepsWith: true,
  }));
}

/** Any pod may get a volume of it, so the machine must be there always. */
function nfsPlace(nfs: NonNullable<StorageConfig["nfs"]>): VolumePlace[] {
  if (nfs.machine === undefined) return [];
  return [
    {
      path: `${PATH}.nfs.machine`,
      machine: nfs.machine,
      directory: nfs.path,
      directoryPath: `${PATH}.nfs.path`,
      user: `the storage class ${nfs.className}`,
      sleepsWith: false,
      overNfs: true,
    },
  ];
}

function classes({ local, nfs, ceph }: StorageConfig): StorageClassFact[] {
  return [
    ...(local === undefined
      ? []
      : [
          {
            ...{ path: `${PATH}.local`, name: local.className, isDefault: local.default },
            ...{
              kind: "local" as const,
              machines: local.machines,
              folder: { directory: local.path },
            },
          },
        ]),
    ...(nfs === undefined
      ? []
      : [
          {
            ...{
              path: `${PATH}.nfs`,
              name: nfs.className,
              isDefault: nfs.default,
              kind: "nfs" as const,
            },
            ...(nfs.machine === undefined
              ? {}
              : { folder: { machine: nfs.machine, directory: nfs.path } }),
          },
        ]),
    ...(ceph === undefined
      ? []
      : [
          {
            ...{ path: `${PATH}.ceph`, name: ceph.className, isDefault: ceph.default },
            kind: "ceph" as const,
          },
        ]),
  ];
}

function memory({ local, nfs, ceph }: StorageConfig, { machines }: PlatformSite): MemoryUse[] {
  const steady = steadyMachines(machines);
  const driver = (key: "nfs" | "ceph", user: string): MemoryUse[] => [
    ...machines.map(({ name }) => ({
      path: `${PATH}.${key}`,
      machine: name,
      user,
      bytes: DRIVER_MEMORY[key].everywhere,
    })),
    ...steady.map((machine) => ({
      path: `${PATH}.${key}`,
      machine,
      user: `${user}'s controller`,
      bytes: DRIVER_MEMORY[key].controller,
    })),
  ];
  return [
    ...(local === undefined
      ? []
      : steady.map((machine) => ({
          path: `${PATH}.local`,
          machine,
          user: "local-path-provisioner",
          bytes: LOCAL_RESOURCES.limits.memory,
        }))),
    ...(nfs === undefined ? [] : driver("nfs", "the NFS driver")),
    ...(ceph === undefined ? [] : driver("ceph", "the Ceph driver")),
  ];
}

function namespaces({ local, nfs, ceph }: StorageConfig, site: PlatformSite): NamespaceNeed[] {
  return [
    ...(local === undefined
      ? []
      : [
          {
            name: NAMESPACES.local,
            // Its pods make folders on the machines' own disks.
            podSecurity: "privileged" as const,
            policies: [apiEgress("provisioner", {}, site)],
          },
        ]),
    ...(nfs === undefined
      ? []
      : // Its pods mount what other pods see, from the machine's own network.
        [{ name: NAMESPACES.nfs, podSecurity: "privileged" as const, policies: [] }]),
    ...(ceph === undefined
      ? []
      : [
          {
            name: NAMESPACES.ceph,
            // Its pods map block devices of the machine.
            podSecurity: "privileged" as const,
            policies: [
              apiEgress("provisioner", {}, site),
              // Ceph's daemons choose their ports.
              egress(
                "provisioner-to-ceph",
                {},
                [
                  { cidr: ceph.network ?? site.lan.cidr },
                  ...ceph.monitors.map((monitor) => ({ cidr: `${monitor}/32` })),
                ],
                [],
              ),
            ],
          },
        ]),
  ];
}
