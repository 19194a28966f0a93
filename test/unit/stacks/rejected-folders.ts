import { machine, type Rejection } from "./rejection";

const world = (folder: string): Rejection["changes"][number] => [
  ["apps", "minecraft"],
  { machine: "hazel", eula: true, world: { path: folder } },
];

/** Every key that names a folder which gets an owner, and what it may be set to. */
const KEYS: readonly (readonly [string, (folder: string) => Rejection["changes"][number]])[] = [
  ["apps.minecraft.world.path", world],
  ["apps.jellyfin.config.path", (f) => [["apps", "jellyfin", "config"], { path: f }]],
  ["apps.jellyfin.media.path", (f) => [["apps", "jellyfin", "media"], { path: f }]],
  ["monitoring.directory", (f) => [["monitoring", "directory"], f]],
  ["backup.repository", (f) => [["backup", "repository"], f]],
  ["bootstrap.etcdSnapshot.directory", (f) => [["bootstrap", "etcdSnapshot"], { directory: f }]],
];

/** Folders of the system, of other people, and of other parts of the program. */
export const REJECTED_FOLDERS: readonly Rejection[] = [
  ...KEYS.flatMap(([path, change]) =>
    [
      "/",
      "/etc",
      "/usr/lib",
      "/home",
      "/var",
      "/var/lib/kubelet",
      "/boot/efi",
      "/home/ann/.ssh",
    ].map((folder) => ({
      name: `${folder} as ${path}`,
      changes: [change(folder)],
      path,
      found: /^\/.*, a folder of the system itself$/,
      accepted: /a folder for data, such as \/srv\/data/,
    })),
  ),
  ...["/srv", "/mnt", "/home/ann"].map((folder) => ({
    name: `a world that is all of ${folder}`,
    changes: [world(folder)],
    path: "apps.minecraft.world.path",
    found: /which others use too: it would belong to Minecraft alone/,
    accepted: /a folder in it, such as \/.*\/data/,
  })),
  {
    name: "an export of what a package keeps",
    changes: [[machine("spruce", "exports", "/var/lib/docker"), {}]],
    path: "machines.spruce.exports./var/lib/docker",
    found: /a folder of the system itself/,
    accepted: /a folder for data/,
  },
  {
    name: "a disk over the home of the user that the program logs in by",
    changes: [[machine("maple", "mounts", "/home/robin"), { source: { label: "homes" } }]],
    path: "machines.maple.mounts./home/robin",
    found: /where sshd looks for the keys of robin/,
    accepted: /\/home\/robin\/data/,
  },
  {
    name: "one folder for two",
    changes: [[["backup", "repository"], "/srv/backups/etcd"]],
    path: "backup.repository",
    found:
      /^\/srv\/backups\/etcd, which vmstation:bootstrap\.etcdSnapshot\.directory has too, for etcd's snapshots$/,
    accepted: /a folder that nothing else uses/,
  },
  {
    name: "a folder that holds another's",
    changes: [[["backup", "repository"], "/srv/backups"]],
    path: "backup.repository",
    found:
      /^\/srv\/backups, which overlaps vmstation:bootstrap\.etcdSnapshot\.directory \/srv\/backups\/etcd,/,
    accepted: /lies in no such folder and holds none/,
  },
  {
    name: "a folder within what monitoring owns",
    changes: [[["backup", "repository"], "/srv/monitoring_data/prometheus/old"]],
    path: "backup.repository",
    found:
      /overlaps vmstation:monitoring\.directory \/srv\/monitoring_data\/prometheus, for Prometheus/,
    accepted: /a folder that nothing else uses/,
  },
  {
    name: "media within what the app owns",
    changes: [[["apps", "jellyfin", "config"], { path: "/srv/media" }]],
    path: "apps.jellyfin.media.path",
    found: /^\/srv\/media, which vmstation:apps\.jellyfin\.config\.path has too, for Jellyfin$/,
    accepted: /a folder that nothing else uses/,
  },
  {
    name: "a world that holds a mount point",
    changes: [
      world("/data"),
      [machine("hazel", "mounts", "/data/disk"), { source: { label: "d" } }],
    ],
    path: "apps.minecraft.world.path",
    found: /^\/data for Minecraft, which holds machines\.hazel\.mounts\.\/data\/disk$/,
    accepted: /no mount point and no export/,
  },
];
