import { machine, type Rejection } from "./rejection";

/** Roles, places and data: one configuration each. */
export const REJECTED_MACHINES: readonly Rejection[] = [
  {
    name: "a control plane that sleeps",
    changes: [[machine("maple", "power"), { mode: "sleeps" }]],
    path: "machines.maple.power.mode",
    found: /sleeps/,
    accepted: /always-on/,
  },
  {
    name: "an etcd member that sleeps",
    changes: [[machine("hazel", "roles"), ["worker", "etcd"]]],
    path: "machines.hazel.power.mode",
    found: /sleeps, with roles \["worker","etcd"\]/,
    accepted: /always-on/,
  },
  {
    name: "monitoring's data on a machine that sleeps",
    changes: [[["monitoring", "machine"], "spruce"]],
    path: "monitoring.machine",
    found: /spruce, which sleeps/,
    accepted: /always-on/,
  },
  ...(
    [
      [["monitoring", "directory"], "/mnt/media/monitoring"],
      [["backup", "repository"], "/mnt/media/backups"],
      [["bootstrap", "etcdSnapshot", "directory"], "/mnt/media/etcd"],
      [["apps", "jellyfin"], { machine: "maple", media: { path: "/mnt/media" } }],
    ] as const
  ).map(([path, value]) => ({
    name: `${path.join(".")} in a folder that a machine which sleeps exports`,
    changes: [[path, value] as const],
    path: path.join(".").replace(/jellyfin$/, "jellyfin.media.path"),
    found: /maple mounts from spruce, which sleeps/,
    accepted: /a folder on a disk of a machine whose power\.mode is always-on/,
  })),
  {
    name: "a time server that sleeps",
    changes: [[["node", "timeServer"], "hazel"]],
    path: "node.timeServer",
    found: /hazel, which sleeps/,
    accepted: /always-on/,
  },
  {
    name: "a sleeping machine without a MAC address",
    changes: [[machine("hazel", "mac"), undefined]],
    path: "machines.hazel.mac",
    found: /nothing, on a machine that sleeps/,
    accepted: /magic packets/,
  },
  {
    name: "an app on a machine that does not exist",
    changes: [[["apps", "jellyfin", "machine"], "storagenodet3501"]],
    path: "apps.jellyfin.machine",
    found: /no machine here/,
    accepted: /did you mean spruce\?/,
  },
  {
    name: "volumes on a machine that does not exist",
    changes: [[["monitoring", "machine"], "masternod"]],
    path: "monitoring.machine",
    found: /no machine here/,
    accepted: /did you mean maple\?/,
  },
  ...["192.168.8.61", "spruce", "spruce.vmstation.local", "localhost", "127.0.1.1"].map(
    (server) => ({
      name: `a mount of the machine's own export, from ${server}`,
      changes: [
        [
          machine("spruce", "mounts", "/mnt/media"),
          { source: { nfs: { server, path: "/srv/media" } }, type: "nfs4" },
        ] as const,
      ],
      path: "machines.spruce.mounts./mnt/media.source.nfs",
      found: /an export of spruce itself/,
      accepted: /another machine/,
    }),
  ),
  {
    name: "a mount of something that is not exported",
    changes: [
      [
        machine("hazel", "mounts", "/mnt/media"),
        { source: { nfs: { server: "192.168.8.61", path: "/srv/films" } }, type: "nfs4" },
      ],
    ],
    path: "machines.hazel.mounts./mnt/media.source.nfs.path",
    found: /does not export/,
    accepted: /it exports \/srv\/media/,
  },
  {
    name: "a firewall that closes the program's own port",
    changes: [[["node", "firewall"], { sshFrom: ["192.168.8.8/29"] }]],
    path: "node.firewall.sshFrom",
    found: /closes the SSH port/,
    accepted: /192\.168\.8\.0\/24 whole/,
  },
  {
    name: "a duration that does not parse",
    changes: [[["power", "idleAfter"], "two hours"]],
    path: "power.idleAfter",
    found: /"two hours"/,
    accepted: /a duration such as/,
  },
  {
    name: "a duration without a unit",
    changes: [[["power", "idleAfter"], 7200]],
    path: "power.idleAfter",
    found: /^7200$/,
    accepted: /a duration such as/,
  },
  {
    name: "a size that does not parse",
    changes: [[machine("maple", "memory"), "8 gigs"]],
    path: "machines.maple.memory",
    found: /"8 gigs"/,
    accepted: /a size such as/,
  },
  {
    name: "an unknown bootstrap method",
    changes: [[["bootstrap", "method"], "k8s"]],
    path: "bootstrap.method",
    found: /"k8s"/,
    accepted: /kubespray, k3s, kubeadm or rke2/,
  },
  {
    name: "no machines at all",
    changes: [[["machines"], {}]],
    path: "machines",
    found: /\{\}/,
    accepted: /at least one machine/,
  },
  {
    name: "a layer that is missing",
    changes: [[["lan"], undefined]],
    path: "lan",
    found: /nothing/,
    accepted: /^a map such as \{ cidr: 192\.168\.1\.0\/24, gateway: /,
  },
  {
    name: "a flat key that nothing refers to",
    changes: [[["bmcPasword"], "x"]],
    path: "bmcPasword",
    found: /unknown key/,
    accepted: /did you mean bmcPassword\?/,
  },
];
