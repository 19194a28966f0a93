import assert from "node:assert/strict";
import { checkConfig } from "../../../stacks/config";
import { renderProblems } from "../../../stacks/errors";
import { changedHomelab, type Change } from "../../support/homelab";

interface Rejection {
  readonly name: string;
  readonly changes: readonly Change[];
  readonly path: string;
  readonly found: RegExp;
  readonly accepted: RegExp;
}

const machine = (name: string, ...keys: string[]): string[] => ["machines", name, ...keys];

/** One configuration each, of those that must not get past the first look. */
const REJECTED: readonly Rejection[] = [
  {
    name: "an unknown layer",
    changes: [[["monitorng"], {}]],
    path: "monitorng",
    found: /unknown key/,
    accepted: /did you mean monitoring\?/,
  },
  {
    name: "an unknown key",
    changes: [[["monitoring", "grafana"], { nodeport: 30300 }]],
    path: "monitoring.grafana.nodeport",
    found: /unknown key/,
    accepted: /did you mean nodePort\?/,
  },
  {
    name: "an unknown key of a machine",
    changes: [[machine("homelab", "adress"), "192.168.4.62"]],
    path: "machines.homelab.adress",
    found: /unknown key/,
    accepted: /did you mean address\?/,
  },
  {
    name: "a malformed address",
    changes: [[machine("homelab", "address"), "192.168.4"]],
    path: "machines.homelab.address",
    found: /"192\.168\.4"/,
    accepted: /an IPv4 address/,
  },
  {
    name: "a duplicate address",
    changes: [[machine("homelab", "address"), "192.168.4.61"]],
    path: "machines.storagenodet3500.address",
    found: /192\.168\.4\.61, which vmstation:machines\.homelab\.address has too/,
    accepted: /nothing else has/,
  },
  {
    name: "a malformed MAC address",
    changes: [[machine("homelab", "mac"), "d0:94:66:30:d6"]],
    path: "machines.homelab.mac",
    found: /d0:94:66:30:d6/,
    accepted: /a MAC address/,
  },
  {
    name: "a duplicate MAC address, however it is written",
    changes: [[machine("homelab", "mac"), "B8-AC-6F-7E-6C-9D"]],
    path: "machines.storagenodet3500.mac",
    found: /b8:ac:6f:7e:6c:9d, which vmstation:machines\.homelab\.mac has too/,
    accepted: /nothing else has/,
  },
  {
    name: "a malformed machine name",
    changes: [[machine("Homelab_2"), { address: "192.168.4.70" }]],
    path: "machines.Homelab_2",
    found: /Homelab_2/,
    accepted: /RFC 1123/,
  },
  {
    name: "a NodePort outside the range",
    changes: [[["monitoring", "grafana"], { nodePort: 3000 }]],
    path: "monitoring.grafana.nodePort",
    found: /^3000$/,
    accepted: /30000 to 32767/,
  },
  {
    name: "a malformed NodePort",
    changes: [[["monitoring", "grafana"], { nodePort: "30300" }]],
    path: "monitoring.grafana.nodePort",
    found: /"30300"/,
    accepted: /a NodePort/,
  },
  {
    name: "a duplicate NodePort",
    changes: [[["apps", "jellyfin", "nodePort"], 30300]],
    path: "apps.jellyfin.nodePort",
    found: /30300, which vmstation:monitoring\.grafana\.nodePort has too/,
    accepted: /nothing else has/,
  },
  {
    name: "pods on the LAN's addresses",
    changes: [[["network", "podCidr"], "192.168.0.0/16"]],
    path: "network.podCidr",
    found: /overlaps vmstation:lan\.cidr/,
    accepted: /share no address/,
  },
  {
    name: "services on the pods' addresses",
    changes: [[["network", "serviceCidr"], "10.244.128.0/20"]],
    path: "network.serviceCidr",
    found: /overlaps vmstation:network\.podCidr/,
    accepted: /share no address/,
  },
  {
    name: "a cluster DNS outside the service network",
    changes: [[["network", "clusterDns"], "10.233.0.3"]],
    path: "network.clusterDns",
    found: /10\.233\.0\.3/,
    accepted: /serviceCidr 10\.96\.0\.0\/12/,
  },
  {
    name: "no control plane",
    changes: [[machine("masternode", "roles"), ["etcd"]]],
    path: "machines",
    found: /no machine with the role control-plane/,
    accepted: /at least one/,
  },
  {
    name: "an even number of etcd members",
    changes: [
      [machine("homelab", "roles"), ["worker", "etcd"]],
      [machine("homelab", "power"), { mode: "always-on" }],
    ],
    path: "machines",
    found: /2 machines with the role etcd homelab, masternode/,
    accepted: /an odd number/,
  },
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
  {
    name: "a mount of the machine's own export",
    changes: [
      [
        machine("storagenodet3500", "mounts", "/mnt/media"),
        { source: { nfs: { server: "192.168.4.61", path: "/srv/media" } }, type: "nfs4" },
      ],
    ],
    path: "machines.storagenodet3500.mounts./mnt/media.source.nfs",
    found: /an export of storagenodet3500 itself/,
    accepted: /another machine/,
  },
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
    name: "a log-in as root, which sshd is told to refuse",
    changes: [[machine("homelab", "sshUser"), "root"]],
    path: "machines.homelab.sshUser",
    found: /^root, whose log-in/,
    accepted: /another user/,
  },
  {
    name: "an export mounted as a disk's file system",
    changes: [
      [
        machine("homelab", "mounts", "/mnt/media"),
        { source: { nfs: { server: "192.168.4.61", path: "/srv/media" } }, type: "xfs" },
      ],
    ],
    path: "machines.homelab.mounts./mnt/media.type",
    found: /^xfs, for an export/,
    accepted: /nfs4 or nfs/,
  },
  {
    name: "a disk mounted as an export",
    changes: [
      [machine("homelab", "mounts", "/mnt/storage"), { source: { label: "data" }, type: "nfs4" }],
    ],
    path: "machines.homelab.mounts./mnt/storage.type",
    found: /^nfs4, for a disk/,
    accepted: /xfs, ext4 or btrfs/,
  },
  ...["/", "/etc", "/usr/lib", "/var", "/var/lib/vmstation/steps"].map((folder) => ({
    name: `a disk over ${folder}`,
    changes: [[machine("homelab", "mounts", folder), { source: { label: "data" } }] as const],
    path: `machines.homelab.mounts.${folder}`,
    found: /a folder of the system itself/,
    accepted: /a folder for data/,
  })),
  {
    name: "an export of the system's own folder",
    changes: [[machine("storagenodet3500", "exports", "/etc"), {}]],
    path: "machines.storagenodet3500.exports./etc",
    found: /a folder of the system itself/,
    accepted: /a folder for data/,
  },
  {
    name: "an export for clients that the firewall keeps out",
    changes: [
      [
        machine("storagenodet3500", "exports", "/srv/media"),
        { clients: ["192.168.4.0/25", "10.9.0.0/24"] },
      ],
    ],
    path: "machines.storagenodet3500.exports./srv/media.clients",
    found: /^10\.9\.0\.0\/24, to which the firewall does not open NFS/,
    accepted: /within vmstation:lan\.cidr 192\.168\.4\.0\/24/,
  },
  {
    name: "a kernel parameter with a wildcard",
    changes: [[["node", "sysctl"], { "net.ipv4.conf.*.rp_filter": 1 }]],
    path: "node.sysctl.net.ipv4.conf.*.rp_filter",
    found: /rp_filter/,
    accepted: /a sysctl key/,
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
    changes: [[["bootstrap", "method"], "k3s"]],
    path: "bootstrap.method",
    found: /"k3s"/,
    accepted: /kubespray, kubeadm or rke2/,
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

describe("a configuration is refused for", () => {
  for (const rejection of REJECTED) {
    it(rejection.name, () => {
      const { site, problems } = checkConfig(changedHomelab(...rejection.changes));
      assert.equal(site, undefined);
      const at = problems.filter((problem) => problem.path === rejection.path);
      assert.ok(
        at.some((p) => rejection.found.test(p.found) && rejection.accepted.test(p.accepted)),
        renderProblems("test", problems),
      );
    });
  }

  it("a secret inside a structured key", () => {
    const { problems } = checkConfig({ ...changedHomelab(), secretKeys: ["machines"] });
    assert.deepEqual(
      problems.map((problem) => problem.path),
      ["machines"],
    );
  });

  it("everything that is wrong, at once", () => {
    const { problems } = checkConfig(
      changedHomelab(
        [machine("homelab", "mac"), "nonsense"],
        [["power", "idleAfter"], "soon"],
        [["node", "timeSever"], "masternode"],
      ),
    );
    assert.deepEqual(problems.map((problem) => problem.path).sort(), [
      "machines.homelab.mac",
      "node.timeSever",
      "power.idleAfter",
    ]);
    const text = renderProblems("homelab", problems);
    assert.match(text, /^3 mistakes in the configuration of stack homelab; nothing was touched\./);
    assert.match(
      text,
      / {2}vmstation:power\.idleAfter\n {4}found {4}"soon"\n {4}accepted a duration/,
    );
  });
});
