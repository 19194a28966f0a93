import { machine, type Rejection } from "./rejection";

/** Roles, places and data: one configuration each. */
export const REJECTED_MACHINES: readonly Rejection[] = [
  {
    name: "a control plane that sleeps",
    changes: [[machine("masternode", "power"), { mode: "sleeps" }]],
    path: "machines.masternode.power.mode",
    found: /sleeps/,
    accepted: /always-on/,
  },
  {
    name: "an etcd member that sleeps",
    changes: [[machine("homelab", "roles"), ["worker", "etcd"]]],
    path: "machines.homelab.power.mode",
    found: /sleeps, with roles \["worker","etcd"\]/,
    accepted: /always-on/,
  },
  {
    name: "monitoring's data on a machine that sleeps",
    changes: [[["monitoring", "machine"], "storagenodet3500"]],
    path: "monitoring.machine",
    found: /storagenodet3500, which sleeps/,
    accepted: /always-on/,
  },
  ...(
    [
      [["monitoring", "directory"], "/mnt/media/monitoring"],
      [["backup", "repository"], "/mnt/media/backups"],
      [["bootstrap", "etcdSnapshot", "directory"], "/mnt/media/etcd"],
      [["apps", "jellyfin"], { machine: "masternode", media: { path: "/mnt/media" } }],
    ] as const
  ).map(([path, value]) => ({
    name: `${path.join(".")} in a folder that a machine which sleeps exports`,
    changes: [[path, value] as const],
    path: path.join(".").replace(/jellyfin$/, "jellyfin.media.path"),
    found: /masternode mounts from storagenodet3500, which sleeps/,
    accepted: /a folder on a disk of a machine whose power\.mode is always-on/,
  })),
  {
    name: "a time server that sleeps",
    changes: [[["node", "timeServer"], "homelab"]],
    path: "node.timeServer",
    found: /homelab, which sleeps/,
    accepted: /always-on/,
  },
  {
    name: "a sleeping machine without a MAC address",
    changes: [[machine("homelab", "mac"), undefined]],
    path: "machines.homelab.mac",
    found: /nothing, on a machine that sleeps/,
    accepted: /magic packets/,
  },
  {
    name: "an app on a machine that does not exist",
    changes: [[["apps", "jellyfin", "machine"], "storagenodet3501"]],
    path: "apps.jellyfin.machine",
    found: /no machine here/,
    accepted: /did you mean storagenodet3500\?/,
  },
  {
    name: "volumes on a machine that does not exist",
    changes: [[["monitoring", "machine"], "masternod"]],
    path: "monitoring.machine",
    found: /no machine here/,
    accepted: /did you mean masternode\?/,
  },
  ...[
    "192.168.4.61",
    "storagenodet3500",
    "storagenodet3500.vmstation.local",
    "localhost",
    "127.0.1.1",
  ].map((server) => ({
    name: `a mount of the machine's own export, from ${server}`,
    changes: [
      [
        machine("storagenodet3500", "mounts", "/mnt/media"),
        { source: { nfs: { server, path: "/srv/media" } }, type: "nfs4" },
      ] as const,
    ],
    path: "machines.storagenodet3500.mounts./mnt/media.source.nfs",
    found: /an export of storagenodet3500 itself/,
    accepted: /another machine/,
  })),
  {
    name: "a mount of something that is not exported",
    changes: [
      [
        machine("homelab", "mounts", "/mnt/media"),
        { source: { nfs: { server: "192.168.4.61", path: "/srv/films" } }, type: "nfs4" },
      ],
    ],
    path: "machines.homelab.mounts./mnt/media.source.nfs.path",
    found: /does not export/,
    accepted: /it exports \/srv\/media/,
  },
  {
    name: "a firewall that closes the program's own port",
    changes: [[["node", "firewall"], { sshFrom: ["192.168.4.8/29"] }]],
    path: "node.firewall.sshFrom",
    found: /closes the SSH port/,
    accepted: /192\.168\.4\.0\/24 whole/,
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
    changes: [[machine("masternode", "memory"), "8 gigs"]],
    path: "machines.masternode.memory",
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
    accepted: /an object/,
  },
  {
    name: "a flat key that nothing refers to",
    changes: [[["bmcPasword"], "x"]],
    path: "bmcPasword",
    found: /unknown key/,
    accepted: /did you mean bmcPassword\?/,
  },
];
