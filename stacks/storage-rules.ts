import type { Machine } from "../components/node/machine";
import type { Problem } from "./errors";
import type { Site } from "./site";

/** That data lies where its user finds it, and no machine mounts itself. */
export function storageRules(site: Site): Problem[] {
  return [...sleepingData(site), ...ownExports(site), ...missingExports(site)];
}

function sleepingData({ machines, facts }: Site): Problem[] {
  return facts.volumes
    .filter((volume) => !volume.sleepsWith)
    .filter(({ machine }) => machines.some((m) => m.name === machine && m.sleeps))
    .map((volume) => ({
      path: volume.path,
      found: `${volume.machine}, which sleeps, for the data of ${volume.user}, which is always on`,
      accepted: "a machine whose power.mode is always-on",
    }));
}

interface NfsMount {
  readonly machine: Machine;
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
              path: `machines.${machine.name}.mounts.${point}.source.nfs`,
              server: source.nfs.server,
              exported: source.nfs.path,
            },
          ]
        : [],
    ),
  );
}

function isSelf({ machine, server }: NfsMount): boolean {
  return server === machine.address || server === machine.name;
}

function ownExports(site: Site): Problem[] {
  return nfsMounts(site)
    .filter(isSelf)
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
    const server = site.machines.find((m) => m.address === mount.server || m.name === mount.server);
    if (server === undefined || isSelf(mount) || mount.exported in server.exports) return [];
    const exports = Object.keys(server.exports).join(", ") || "nothing";
    return [
      {
        path: `${mount.path}.path`,
        found: `${mount.exported}, which ${server.name} does not export`,
        accepted: `an export of ${server.name} (it exports ${exports})`,
      },
    ];
  });
}
