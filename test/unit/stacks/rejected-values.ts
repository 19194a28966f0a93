import { machine, type Rejection } from "./rejection";

const LONG = `n${"o".repeat(58)}e`;
const THREE_ETCD = ["control-plane", "etcd"];

/** A machine of another name in maple's place. */
const renamed = (name: string, more: object = {}): Rejection["changes"] => [
  [machine("maple"), undefined],
  [
    machine(name),
    {
      ...{ address: "192.168.8.63", nic: "enp2s0", os: "debian-12", roles: THREE_ETCD },
      ...{ sshUser: "robin", dns: ["1.1.1.1"], power: { mode: "always-on" }, ...more },
    },
  ],
  [["node"], { timeServer: name, logServer: name }],
  [["monitoring", "machine"], name],
];

const variable = (name: string, value: unknown): Rejection["changes"][number] => [
  ["bootstrap", "variables"],
  { [name]: value },
];

const contradiction = (name: string, value: unknown, accepted: RegExp): Rejection => ({
  name: `Kubespray's ${name}, which other layers rely on`,
  changes: [variable(name, value)],
  path: `bootstrap.variables.${name}`,
  found: new RegExp(`^${JSON.stringify(value)}`),
  accepted,
});

const metallb = (config: unknown, found: RegExp): Rejection => ({
  name: `MetalLB with the pools ${JSON.stringify(config)}`,
  changes: [
    [["bootstrap", "addons"], { metallb: true }],
    ...(config === undefined ? [] : [variable("metallb_config", config)]),
  ],
  path: "bootstrap.variables.metallb_config",
  found,
  accepted: /free addresses (of the LAN|in vmstation:lan\.cidr).*192\.168\.8\.241-192\.168\.8\.250/,
});
const pool = (...ranges: string[]): object => ({
  address_pools: { home: { ip_range: ranges } },
  layer2: ["home"],
});

/** Values that are well formed and yet contradict the rest, or do not survive where they go. */
export const REJECTED_VALUES: readonly Rejection[] = [
  ...(
    [
      [["lan", "gateway"], "fe80::1"],
      [["network", "podCidr"], "fd00:10::/56"],
      [machine("hazel", "address"), "2001:db8::62"],
      [["network", "stack"], "dual"],
    ] as const
  ).map(([path, value]): Rejection => ({
    name: `IPv6, at ${path.join(".")}`,
    changes: [[[...path], value]],
    path: path.join("."),
    found: new RegExp(value),
    accepted: /IPv6 is not supported yet, .*docs\/decisions\/ipv4-alone\.md/,
  })),
  {
    name: "an export of what the machine itself mounts from a server",
    changes: [[machine("hazel", "exports"), { "/mnt/media/films": {} }]],
    path: "machines.hazel.exports./mnt/media/films",
    found: /which hazel itself mounts from 192\.168\.8\.61:\/srv\/media$/,
    accepted: /a folder on a disk of hazel/,
  },
  {
    name: "a folder below an export, on another disk than the export",
    changes: [
      [machine("spruce", "mounts", "/srv/media/films"), { type: "ext4" }],
      [
        machine("hazel", "mounts", "/mnt/media"),
        { source: { nfs: { server: "192.168.8.61", path: "/srv/media/films/x" } }, type: "nfs4" },
      ],
    ],
    path: "machines.hazel.mounts./mnt/media.source.nfs.path",
    found: /which spruce does not export/,
    accepted: /or a folder in one on the same disk/,
  },
  ...(
    [
      ["127.0.0.53", /the machine itself/],
      ["10.96.0.10", /the cluster's own DNS/],
      ["10.96.7.7", /the cluster's services/],
      ["10.244.1.1", /the cluster's pods/],
      ["169.254.25.10", /a cache on the machine itself/],
      ["0.0.0.0", /no host's/],
    ] as const
  ).map(([address, found]) => ({
    name: `a name server that leads back to the cluster: ${address}`,
    changes: [[machine("hazel", "dns"), ["1.1.1.1", address]] as const],
    path: "machines.hazel.dns[1]",
    found,
    accepted: /a name server that is not in the cluster, such as your router 192\.168\.8\.1/,
  })),
  ...["localhost", "ip6-loopback", "all", "etcd", "192", "0x7f"].map((name) => ({
    name: `a machine called ${name}`,
    changes: renamed(name),
    path: `machines.${name}`,
    found: new RegExp(`^a machine called ${name}, which`),
    accepted: /another name, such as homelab/,
  })),
  {
    name: "an etcd member whose name does not fit into Kubespray's certificate",
    changes: renamed(LONG),
    path: `machines.${LONG}`,
    found: /^a name of 60 letters, too long for etcd's certificate \(etcd-member-no+e\)$/,
    accepted: /^52 letters at most/,
  },
  {
    name: "pods without a /24 for each machine under kubeadm",
    changes: [
      [["bootstrap"], { method: "kubeadm" }],
      [["network", "podCidr"], "10.244.0.0/26"],
    ],
    path: "network.podCidr",
    found: /room for 0 of 3 machines: each gets a \/24/,
    accepted: /from \/8 to \/22/,
  },
  {
    name: "pods without a /26 for each machine under Calico's own distribution",
    changes: [[["network", "podCidr"], "10.244.0.0/25"]],
    path: "network.podCidr",
    found: /room for 2 of 3 machines: each gets a \/26/,
    accepted: /from \/8 to \/24/,
  },
  ...["10.0.0.0/8", "10.96.0.0/29"].map((serviceCidr) => ({
    name: `services in ${serviceCidr}`,
    changes: [
      [["network"], { podCidr: "172.16.0.0/16", serviceCidr, clusterDns: "10.96.0.5" }] as const,
    ],
    path: "network.serviceCidr",
    found: /which is too (large|small) for the API server/,
    accepted: /from \/12 to \/28/,
  })),
  {
    name: "a domain within the cluster's own",
    changes: [[["lan", "domain"], "home.cluster.local"]],
    path: "lan.domain",
    found: /the cluster's own domain/,
    accepted: /another domain/,
  },
  {
    name: "monitoring in another domain than the cluster's",
    changes: [[["monitoring", "clusterDomain"], "k8s.home"]],
    path: "monitoring.clusterDomain",
    found: /every method installs the cluster with cluster\.local/,
    accepted: /cluster\.local, or no key/,
  },
  {
    name: "two probes of one name",
    changes: [
      [
        ["monitoring", "blackbox"],
        { targets: ["a", "a"].map((name) => ({ name, target: "http://a" })) },
      ],
    ],
    path: "monitoring.blackbox.targets[1].name",
    found: /^"a"$/,
    accepted: /a name that no other probe has/,
  },
  {
    name: "a probe with the name of one of the program's own",
    changes: [
      [["monitoring", "blackbox"], { targets: [{ name: "internet", target: "http://a" }] }],
    ],
    path: "monitoring.blackbox.targets[0].name",
    found: /^"internet"$/,
    accepted: /a name that no other probe has/,
  },
  ...["0%", "0.0%"].map((subset) => ({
    name: `a check of ${subset} of the backups`,
    changes: [[["backup", "check"], { subset }] as const],
    path: "backup.check.subset",
    found: /^"0/,
    accepted: /a share above 0%/,
  })),
  {
    name: "a broadcast address that is a host's",
    changes: [[["lan", "broadcast"], "192.168.8.254"]],
    path: "lan.broadcast",
    found: /^192\.168\.8\.254, an address within/,
    accepted: /^192\.168\.8\.255, the last address/,
  },
  {
    name: "a machine at the network's own address",
    changes: [[machine("hazel", "address"), "192.168.8.0"]],
    path: "machines.hazel.address",
    found: /^192\.168\.8\.0, which vmstation:lan\.cidr has too$/,
    accepted: /nothing else has/,
  },
  ...(
    [
      ["Berlin", "Europe/Berlin"],
      ["europe/berlin", "Europe/Berlin"],
      ["America/New_Yrok", "America/New_York"],
      ["Nowhere/Land", ""],
    ] as const
  ).map(([timeZone, meant]) => ({
    name: `the time zone ${timeZone}`,
    changes: [[["lan", "timeZone"], timeZone] as const],
    path: "lan.timeZone",
    found: new RegExp(`^"${timeZone}"$`),
    accepted: new RegExp(`^a time zone such as UTC.*did you mean ${meant}`),
  })),
  contradiction("kube_network_plugin", "cilium", /Calico is the only network plugin/),
  contradiction("enable_dual_stack_networks", true, /IPv6 is not supported yet/),
  contradiction("kube_proxy_mode", "ipvs", /follows from the machines' os/),
  contradiction("kube_pods_subnet", "10.1.0.0/16", /^vmstation:network\.podCidr,/),
  contradiction("kube_service_addresses", "10.2.0.0/16", /^vmstation:network\.serviceCidr,/),
  contradiction("calico_ipip_mode", "Never", /^vmstation:network\.encapsulation,/),
  contradiction("kubelet_max_pods", 60, /^vmstation:bootstrap\.maxPods,/),
  contradiction("ansible_user", "root", /machines\.NAME \(address, sshPort, sshUser\)/),
  ...[{}, { kube_vip_address: "192.168.8.63" }, { kube_vip_address: "10.9.9.9" }].map((more) => ({
    name: `kube-vip with ${JSON.stringify(more)}`,
    changes: [[["bootstrap", "variables"], { kube_vip_enabled: true, ...more }] as const],
    path: "bootstrap.variables.kube_vip_address",
    found: /, with kube_vip_enabled$/,
    accepted: /a free address in vmstation:lan\.cidr 192\.168\.8\.0\/24/,
  })),
  metallb(undefined, /^nothing, with vmstation:bootstrap\.addons\.metallb$/),
  metallb({ address_pools: {} }, /with vmstation:bootstrap\.addons\.metallb$/),
  metallb({ ...pool("192.168.8.241-192.168.8.250"), layer2: [] }, /addons\.metallb$/),
  metallb(pool("10.9.0.0/28"), /^10\.9\.0\.0\/28, which is not in the LAN/),
  metallb(pool("192.168.8.60-192.168.8.70"), /which holds 192\.168\.8\.\d+ of vmstation:machines/),
  metallb(pool("192.168.8.70-192.168.8.65"), /which is no range of addresses/),
  {
    name: "a registry that loses its images with its pod",
    changes: [[["bootstrap", "addons"], { registry: true }]],
    path: "bootstrap.variables.registry_storage_class",
    found: /^nothing, with vmstation:bootstrap\.addons\.registry$/,
    accepted: /registry_storage_class: local-path/,
  },
  {
    name: "two taints of one key and effect",
    changes: [[machine("hazel", "taints"), ["media=a:NoSchedule", "media=b:NoSchedule"]]],
    path: "machines.hazel.taints[1]",
    found: /^"media=b:NoSchedule"$/,
    accepted: /one taint of this key and effect, not media=a:NoSchedule as well/,
  },
  {
    name: "a kernel parameter of more digits than a number keeps",
    changes: [[["node", "sysctl"], { "kernel.shmmax": Number("18446744073692774399") }]],
    path: "node.sysctl.kernel.shmmax",
    found: /^18446744073692774/,
    accepted: /a number in quotes/,
  },
  {
    name: "a kernel parameter of two lines, which would be two parameters",
    changes: [[["node", "sysctl"], { "vm.swappiness": "1\nkernel.sysrq = 1" }]],
    path: "node.sysctl.vm.swappiness",
    found: /^"1\\nkernel/,
    accepted: /on one line/,
  },
  {
    name: "a Kubespray variable of more digits than a number keeps",
    changes: [variable("etcd_quota_backend_bytes", [Number("9007199254740993")])],
    path: "bootstrap.variables.etcd_quota_backend_bytes",
    found: /^\[9007199254740992\]$/,
    accepted: /a number in quotes/,
  },
  {
    name: "a disk by a folder instead of a device",
    changes: [[machine("hazel", "mounts", "/mnt/storage"), { source: { device: "/etc" } }]],
    path: "machines.hazel.mounts./mnt/storage.source.device",
    found: /^"\/etc"$/,
    accepted: /^a device such as \/dev/,
  },
];
