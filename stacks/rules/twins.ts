import { dashboardUid } from "../../components/apps/frame/dashboard";
import { volumeName } from "../../components/apps/frame/storage";
import { SETS } from "../../components/backup/config";
import { CONTROL_PLANE_ITEM } from "../../components/backup/names";
import type { BackupSource } from "../../components/shared/facts";
import type { Problem } from "../../components/shared/problem";
import type { Site } from "../site";

/** A name that the program makes of several that the configuration gives. */
interface Named {
  readonly name: string;
  /** The key that it comes from. */
  readonly path: string;
}

/**
 * Two things of one kind that would have one name: the app `a` with the volume `b-c`, and the app `a-b` with the volume
 * `c`. One of them would take the other's place, or its data.
 */
export function twinRules(site: Site): Problem[] {
  return [
    ...twins(volumes(site), "the PersistentVolume", "another name of the app or of the volume"),
    ...twins(
      backups(site),
      "the backup",
      "another name of the app, of the volume or of its folder",
    ),
    ...twins(dashboards(site), "the dashboard", "another name of the app or of the file"),
    ...twins(titles(site), "the title", "another name of the app: its alert is called after it"),
  ];
}

function twins(all: readonly Named[], what: string, accepted: string): Problem[] {
  return all.flatMap(({ name, path }, i) => {
    const earlier = all.slice(0, i).find((each) => each.name === name);
    if (earlier === undefined) return [];
    return [{ path, found: `${what} ${name}, which vmstation:${earlier.path} has too`, accepted }];
  });
}

function volumes({ apps }: Site): Named[] {
  return apps.flatMap((app) =>
    app.volumes
      .filter(({ kind }) => kind !== "claim")
      .map((volume) => ({ name: volumeName(app.name, volume), path: volume.path })),
  );
}

/** What the verbs of the backups take beside the names of apps: the control plane's own, the sets, and all of them. */
const OF_BACKUP = [CONTROL_PLANE_ITEM, ...SETS, "all"];

function backups({ facts }: Site): Named[] {
  const own = OF_BACKUP.map((name) => ({ name, path: "backup" }));
  return [
    ...own,
    ...facts.backups.map((source) => ({ name: source.name, path: keyOf(source, facts) })),
  ];
}

function keyOf({ name, machine, directory, pods }: BackupSource, facts: Site["facts"]): string {
  const folder = facts.volumes.find(
    (each) => each.machine === machine && each.directory === directory,
  );
  const claim = facts.claims.find(
    (each) => each.namespace === pods.namespace && each.backup?.name === name,
  );
  return folder?.directoryPath ?? folder?.path ?? claim?.path ?? `apps.${pods.namespace}`;
}

/** Beside each app's own one those of its files. */
function dashboards({ config, apps }: Site): Named[] {
  if (config.monitoring === undefined) return [];
  return apps.flatMap(({ name, dashboards = [] }) => [
    { name: dashboardUid(name), path: `apps.${name}` },
    ...dashboards.map(({ uid }) => ({ name: uid, path: `apps.${name}.dashboards` })),
  ]);
}

const titles = ({ apps }: Site): Named[] =>
  apps.map(({ name, title }) => ({ name: title, path: `apps.${name}` }));
