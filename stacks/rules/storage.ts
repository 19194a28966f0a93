import type { VolumePlace } from "../../components/shared/facts";
import { isWithin } from "../../components/shared/folders";
import { findMount } from "../../components/shared/mounts";
import { covers } from "../../components/shared/addresses";
import type { Machine } from "../../components/node/machine";
import type { Problem } from "../../components/shared/problem";
import type { Site } from "../site";

/** Data is on the machine that uses it, and no machine mounts its own export. */
export function storageRules(site: Site): Problem[] {
  return [
    ...sleepingData(site),
    ...unexportedData(site),
    ...ownExports(site),
    ...missingExports(site),
    ...exportedMounts(site),
    ...wrongTypes(site),
    ...closedToClients(site),
  ];
}

function sleepingData(site: Site): Problem[] {
  return site.facts.volumes.flatMap((volume) => {
    const { path, machine, directory, user, sleepsWith } = volume;
    const holder = holderOf(site, volume);
    const isMounted = holder !== undefined && holder.name !== machine;
    if (holder?.sleeps !== true || (sleepsWith && !isMounted)) return [];
    const where = isMounted
      ? `${directory}, which ${machine} mounts from ${holder.name}, which sleeps,`
      : `${machine}, which sleeps,`;
    return [
      {
        path: (isMounted ? volume.directoryPath : undefined) ?? path,
        found: `${where} for the data of ${user}, which does not sleep with it`,
        accepted: isMounted
          ? "a folder on a disk of a machine whose power.mode is always-on"
          : "a machine whose power.mode is always-on",
      },
    ];
  });
}

/** The machine on whose disk a volume's folder lies: where the folder is mounted over NFS, the server. */
function holderOf(site: Site, { machine: name, directory }: VolumePlace): Machine | undefined {
  const machine = site.machines.find((each) => each.name === name);
  const point = findMount(Object.keys(machine?.mounts ?? {}), directory);
  const mount = nfsMounts(site).find((each) => each.machine === machine && each.point === point);
  return mount === undefined ? machine : serverOf(site, mount);
}

/** What an app mounts over NFS must be exported, or its pod never gets its volume. */
function unexportedData({ machines, facts }: Site): Problem[] {
  return facts.volumes
    .filter((volume) => volume.overNfs)
    .flatMap(({ path, machine, directory, user }) => {
      const server = machines.find((m) => m.name === machine);
      if (server !== undefined && isExported(directory, server)) return [];
      const exports = Object.keys(server?.exports ?? {});
      return [
        {
          path,
          found: `${directory} for ${user}, which ${machine} does not export`,
          accepted: `a folder under machines.${machine}.exports (${exports.join(", ") || "none"})`,
        },
      ];
    });
}

/** NFSv4 reaches what lies below an export by its own path, on the same file system: another disk below it is not seen. */
function isExported(folder: string, server: Pick<Machine, "exports" | "mounts">): boolean {
  const points = Object.keys(server.mounts);
  return Object.keys(server.exports).some(
    (each) => isWithin(folder, each) && findMount(points, folder) === findMount(points, each),
  );
}

interface NfsMount {
  readonly machine: Machine;
  readonly point: string;
  readonly path: string;
  readonly server: string;
  readonly exported: string;
}

function nfsMounts({ machines }: Site): NfsMount[] {
  return machines.flatMap((machine) =>
    Object.entries(machine.mounts).flatMap(([point, { source }]) =>
      source !== undefined && "nfs" in source
        ? [
            {
              machine,
              point,
              path: `machines.${machine.name}.mounts.${point}.source.nfs`,
              server: source.nfs.server,
              exported: source.nfs.path,
            },
          ]
        : [],
    ),
  );
}

const LOOPBACK = /^(localhost(\..*)?|127(\.\d+){3}|::1)$/i;

/** A mount's server, if it is one of ours; a machine's names are those in each machine's /etc/hosts. */
function serverOf({ config, machines }: Site, { machine, server }: NfsMount): Machine | undefined {
  if (LOOPBACK.test(server)) return machine;
  return machines.find(({ name, address }) =>
    [address, name, `${name}.${config.lan.domain}`].includes(server),
  );
}

function ownExports(site: Site): Problem[] {
  return nfsMounts(site)
    .filter((mount) => serverOf(site, mount) === mount.machine)
    .map((mount) => ({
      path: mount.path,
      found: `${mount.server}:${mount.exported}, an export of ${mount.machine.name} itself`,
      accepted:
        "an export of another machine: a machine that mounts itself hangs on its own reboot",
    }));
}

/** Servers outside the configuration are the user's own affair. */
function missingExports(site: Site): Problem[] {
  return nfsMounts(site).flatMap((mount) => {
    const server = serverOf(site, mount);
    if (server === undefined || server === mount.machine) return [];
    if (isExported(mount.exported, server)) return [];
    const exports = Object.keys(server.exports).join(", ") || "nothing";
    return [
      {
        path: `${mount.path}.path`,
        found: `${mount.exported}, which ${server.name} does not export`,
        accepted: `an export of ${server.name}, or a folder in one on the same disk (it exports ${exports})`,
      },
    ];
  });
}

/** The kernel's server cannot tell the files of another server's apart, and exportfs wants an fsid for them. */
function exportedMounts(site: Site): Problem[] {
  const mounts = nfsMounts(site);
  return site.machines.flatMap((machine) =>
    Object.keys(machine.exports).flatMap((folder) => {
      const point = findMount(Object.keys(machine.mounts), folder);
      const mount = mounts.find((each) => each.machine === machine && each.point === point);
      if (mount === undefined) return [];
      return [
        {
          path: `machines.${machine.name}.exports.${folder}`,
          found: `${folder}, which ${machine.name} itself mounts from ${mount.server}:${mount.exported}`,
          accepted: `a folder on a disk of ${machine.name}; clients mount from ${mount.server} directly`,
        },
      ];
    }),
  );
}

function wrongTypes({ machines }: Site): Problem[] {
  return machines.flatMap((machine) =>
    Object.entries(machine.mounts).flatMap(([point, { source, type }]) => {
      if (source === undefined || type === undefined) return [];
      const remote = "nfs" in source;
      if (remote === type.startsWith("nfs")) return [];
      return [
        {
          path: `machines.${machine.name}.mounts.${point}.type`,
          found: `${type}, for ${remote ? "an export of an NFS server" : "a disk"}`,
          accepted: `${remote ? "nfs4 or nfs" : "xfs, ext4 or btrfs"}, or no key`,
        },
      ];
    }),
  );
}

/** The firewall opens NFS to the LAN alone; who is outside would wait for an answer that never comes. */
function closedToClients({ config, machines }: Site): Problem[] {
  const { enabled, extraPorts } = config.node.firewall;
  const { cidr } = config.lan;
  const isOpen = ({ name }: Machine): boolean =>
    !enabled ||
    extraPorts.some((p) => p.port === 2049 && p.from === "anywhere" && p.machines.includes(name));
  return machines
    .filter((machine) => !isOpen(machine))
    .flatMap((machine) =>
      Object.entries(machine.exports).flatMap(([folder, { clients = [] }]) =>
        clients
          .filter((client) => !covers(cidr, client))
          .map((client) => ({
            path: `machines.${machine.name}.exports.${folder}.clients`,
            found: `${client}, to which the firewall does not open NFS`,
            accepted: `networks within vmstation:lan.cidr ${cidr}, or TCP port 2049 from anywhere among vmstation:node.firewall.extraPorts`,
          })),
      ),
    );
}
