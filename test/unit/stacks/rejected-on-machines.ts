import { machine, type Rejection } from "./rejection";

/** What would lock the program out, hide the system's folders or never work on the machine. */
export const REJECTED_ON_MACHINES: readonly Rejection[] = [
  {
    name: "a log-in as root, which sshd is told to refuse",
    changes: [[machine("hazel", "sshUser"), "root"]],
    path: "machines.hazel.sshUser",
    found: /^root, whose log-in/,
    accepted: /another user/,
  },
  {
    name: "a machine as a further device that sends logs",
    changes: [[["node", "remoteLogs", "senders"], { router: "192.168.8.62" }]],
    path: "node.remoteLogs.senders.router",
    found: /^192\.168\.8\.62, beside hazel/,
    accepted: /machines send logs anyway/,
  },
  {
    name: "an export mounted as a disk's file system",
    changes: [
      [
        machine("hazel", "mounts", "/mnt/media"),
        { source: { nfs: { server: "192.168.8.61", path: "/srv/media" } }, type: "xfs" },
      ],
    ],
    path: "machines.hazel.mounts./mnt/media.type",
    found: /^xfs, for an export/,
    accepted: /nfs4 or nfs/,
  },
  {
    name: "a disk mounted as an export",
    changes: [
      [machine("hazel", "mounts", "/mnt/storage"), { source: { label: "data" }, type: "nfs4" }],
    ],
    path: "machines.hazel.mounts./mnt/storage.type",
    found: /^nfs4, for a disk/,
    accepted: /xfs, ext4 or btrfs/,
  },
  {
    name: "a misspelt key of what is mounted",
    changes: [[machine("hazel", "mounts", "/mnt/storage"), { source: { uid: "1234-ABCD" } }]],
    path: "machines.hazel.mounts./mnt/storage.source.uid",
    found: /^an unknown key$/,
    accepted: /^one of device, label, nfs, uuid; did you mean uuid\?$/,
  },
  {
    name: "a misspelt key of an export that is mounted",
    changes: [
      [
        machine("hazel", "mounts", "/mnt/media"),
        { source: { nfs: { sever: "192.168.8.61", path: "/srv/media" } }, type: "nfs4" },
      ],
    ],
    path: "machines.hazel.mounts./mnt/media.source.nfs.sever",
    found: /^an unknown key$/,
    accepted: /did you mean server\?$/,
  },
  {
    name: "an export to mount, written as the mount command has it",
    changes: [
      [
        machine("hazel", "mounts", "/mnt/media"),
        { source: { nfs: "192.168.8.61:/srv/media" }, type: "nfs4" },
      ],
    ],
    path: "machines.hazel.mounts./mnt/media.source.nfs",
    found: /^"192\.168\.8\.61:\/srv\/media"$/,
    accepted: /^the map \{ server, path \}$/,
  },
  {
    name: "an export to mount, without the key that says that it is one",
    changes: [
      [
        machine("hazel", "mounts", "/mnt/media"),
        { source: { server: "192.168.8.61", path: "/srv/media" }, type: "nfs4" },
      ],
    ],
    path: "machines.hazel.mounts./mnt/media.source",
    found: /"server":"192\.168\.8\.61"/,
    accepted: /^one of uuid, label, device or nfs \{server, path\}$/,
  },
  {
    name: "a disk by a UUID that is a number",
    changes: [[machine("hazel", "mounts", "/mnt/storage"), { source: { uuid: 5 } }]],
    path: "machines.hazel.mounts./mnt/storage.source.uuid",
    found: /^5$/,
    accepted: /^a file system's UUID such as /,
  },
  {
    name: "a disk by a UUID that is none",
    changes: [[machine("hazel", "mounts", "/mnt/storage"), { source: { uuid: "$(reboot)" } }]],
    path: "machines.hazel.mounts./mnt/storage.source.uuid",
    found: /^"\$\(reboot\)"$/,
    accepted: /^a file system's UUID such as /,
  },
  {
    name: "a disk by its UUID and its label, which may be two",
    changes: [
      [
        machine("hazel", "mounts", "/mnt/storage"),
        { source: { uuid: "1234-ABCD", label: "data" } },
      ],
    ],
    path: "machines.hazel.mounts./mnt/storage.source",
    found: /"label":"data"/,
    accepted: /^one of uuid, label, device or nfs \{server, path\}$/,
  },
  ...["/./etc", "/srv/../etc", "/srv/."].map((folder) => ({
    name: `a disk at ${folder}, which is another folder than it seems`,
    changes: [[machine("hazel", "mounts", folder), { source: { label: "data" } }] as const],
    path: `machines.hazel.mounts.${folder}`,
    found: /^"\/.*"$/,
    accepted: /an absolute path without \. and \.\./,
  })),
  ...["/", "/etc", "/usr/lib", "/var", "/var/lib/vmstation/steps"].map((folder) => ({
    name: `a disk over ${folder}`,
    changes: [[machine("hazel", "mounts", folder), { source: { label: "data" } }] as const],
    path: `machines.hazel.mounts.${folder}`,
    found: /a folder of the system itself/,
    accepted: /a folder for data/,
  })),
  {
    name: "an export of the system's own folder",
    changes: [[machine("spruce", "exports", "/etc"), {}]],
    path: "machines.spruce.exports./etc",
    found: /a folder of the system itself/,
    accepted: /a folder for data/,
  },
  {
    name: "an export for clients that the firewall keeps out",
    changes: [
      [machine("spruce", "exports", "/srv/media"), { clients: ["192.168.8.0/25", "10.9.0.0/24"] }],
    ],
    path: "machines.spruce.exports./srv/media.clients",
    found: /^10\.9\.0\.0\/24, to which the firewall does not open NFS/,
    accepted: /within vmstation:lan\.cidr 192\.168\.8\.0\/24/,
  },
  {
    name: "a kernel parameter with a wildcard",
    changes: [[["node", "sysctl"], { "net.ipv4.conf.*.rp_filter": 1 }]],
    path: "node.sysctl.net.ipv4.conf.*.rp_filter",
    found: /rp_filter/,
    accepted: /a sysctl key/,
  },
];
