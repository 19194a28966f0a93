import type { Problem } from "../../shared/problem";
import { isWithin } from "../../shared/folders";
import type { PlatformSite } from "../part";
import type { StorageConfig } from "./config";
import { PATH } from "./names";

type Site = Pick<PlatformSite, "machines">;

/** What cannot work although each key is right by itself. */
export function storageProblems(config: StorageConfig, site: Site): Problem[] {
  return [
    ...repeated(config),
    ...sleepingDefault(config, site),
    ...exported(config, site),
    ...sleepingMonitors(config, site),
  ];
}

/** Names are unique, and one class at most gets the claims that name none. */
function repeated(config: StorageConfig): Problem[] {
  const all = (["local", "nfs", "ceph"] as const).flatMap((key) => {
    const kind = config[key];
    return kind === undefined ? [] : [{ key, name: kind.className, isDefault: kind.default }];
  });
  return all.flatMap((later, i) =>
    all.slice(0, i).flatMap((earlier) => [
      ...(earlier.name === later.name
        ? [
            {
              path: `${PATH}.${later.key}.className`,
              found: `${later.name}, which vmstation:${PATH}.${earlier.key}.className has too`,
              accepted: "a name that no other class has",
            },
          ]
        : []),
      ...(earlier.isDefault && later.isDefault
        ? [
            {
              path: `${PATH}.${later.key}.default`,
              found: `true, and vmstation:${PATH}.${earlier.key}.default is true too`,
              accepted: "one default class",
            },
          ]
        : []),
    ]),
  );
}

/** What names no class may be anything, also what must always be there. */
function sleepingDefault({ local }: StorageConfig, { machines }: Site): Problem[] {
  if (local?.default !== true) return [];
  return local.machines.flatMap((name, i) =>
    machines.some((machine) => machine.name === name && machine.sleeps)
      ? [
          {
            path: `${PATH}.local.machines[${i}]`,
            found: `${name}, which sleeps, in the default class (vmstation:${PATH}.local.default)`,
            accepted: "a machine whose power.mode is always-on, or default: false",
          },
        ]
      : [],
  );
}

/** Whether it exports the folder at all is asked of every volume over NFS. */
function exported({ nfs }: StorageConfig, { machines }: Site): Problem[] {
  const server = machines.find(({ name }) => name === nfs?.machine);
  if (nfs === undefined) return [];
  if (nfs.machine !== undefined && server === undefined)
    return [
      {
        path: `${PATH}.nfs.machine`,
        found: `${nfs.machine}, which is no machine here`,
        accepted: `one of ${machines.map(({ name }) => name).join(", ")}; or server, for one outside`,
      },
    ];
  return Object.entries(server?.exports ?? {}).flatMap(([folder, { readOnly }]) =>
    isWithin(nfs.path, folder) && readOnly
      ? [
          {
            path: `${PATH}.nfs.path`,
            found: `${nfs.path}, which ${nfs.machine ?? ""} exports read only (vmstation:machines.${nfs.machine ?? ""}.exports.${folder}.readOnly)`,
            accepted: "a folder that it exports for writing",
          },
        ]
      : [],
  );
}

/** Ceph stops where most of its monitors are away. */
function sleepingMonitors({ ceph }: StorageConfig, { machines }: Site): Problem[] {
  return (ceph?.monitors ?? []).flatMap((monitor, i) => {
    const machine = machines.find(({ address }) => address === monitor);
    if (machine?.sleeps !== true) return [];
    return [
      {
        path: `${PATH}.ceph.monitors[${i}]`,
        found: `${monitor} of ${machine.name}, which sleeps (vmstation:machines.${machine.name}.power)`,
        accepted: "a monitor on a machine whose power.mode is always-on",
      },
    ];
  });
}
