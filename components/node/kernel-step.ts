import { readScript, type StepFile } from "../remote/step";
import { HEADER, type NodeStep } from "./context";

/** Kernel parameters: the program's own, and why. */
export const SYSCTLS: Readonly<Record<string, string>> = {
  // Pods' traffic is routed, and bridged traffic meets the rules too (kubeadm's and Calico's prerequisites).
  "net.ipv4.ip_forward": "1",
  "net.ipv4.conf.all.forwarding": "1",
  // IP-in-IP arrives by another path than it leaves: strict reverse-path filtering would drop it.
  "net.ipv4.conf.all.rp_filter": "2",
  "net.ipv4.conf.default.rp_filter": "2",
  // Log collectors, dashboards and editors watch many files; Kubespray raises the instances to the same.
  "fs.inotify.max_user_watches": "524288",
  "fs.inotify.max_user_instances": "8192",
  "fs.file-max": "2097152",
  "vm.max_map_count": "262144",
  "kernel.pid_max": "4194304",
  "net.core.somaxconn": "32768",
  "net.core.netdev_max_backlog": "5000",
  // A peer that went to sleep is noticed within 13 minutes, not two hours.
  "net.ipv4.tcp_keepalive_time": "600",
  "net.ipv4.tcp_keepalive_intvl": "60",
  "net.ipv4.tcp_keepalive_probes": "3",
  // The kubelet insists on these (its protectKernelDefaults).
  "kernel.panic": "10",
  "kernel.panic_on_oops": "1",
  "vm.overcommit_memory": "1",
  "vm.panic_on_oom": "0",
  // Hardening that costs nothing here.
  "net.ipv4.tcp_syncookies": "1",
  "net.ipv4.conf.all.accept_redirects": "0",
  "net.ipv4.conf.default.accept_redirects": "0",
  "net.ipv4.conf.all.secure_redirects": "0",
  "net.ipv4.conf.default.secure_redirects": "0",
  "net.ipv4.conf.all.accept_source_route": "0",
  "net.ipv4.conf.default.accept_source_route": "0",
  "net.ipv4.conf.all.log_martians": "1",
  "fs.suid_dumpable": "0",
  "kernel.randomize_va_space": "2",
  "kernel.kptr_restrict": "2",
  "kernel.dmesg_restrict": "1",
};

// These exist only where br_netfilter is loaded.
const BRIDGE: Readonly<Record<string, string>> = {
  "net.bridge.bridge-nf-call-iptables": "1",
  "net.bridge.bridge-nf-call-ip6tables": "1",
};

/** All kernel parameters of a machine, sorted by key. The user has the last word; null leaves a key alone. */
export function mergeSysctls(
  modules: readonly string[],
  own: Readonly<Record<string, string | null>>,
): [string, string][] {
  const merged: Record<string, string | null> = {
    ...SYSCTLS,
    ...(modules.includes("br_netfilter") ? BRIDGE : {}),
    ...own,
  };
  return Object.entries(merged)
    .filter((pair): pair is [string, string] => pair[1] !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

export function renderSysctlFile(pairs: readonly (readonly [string, string])[]): string {
  return HEADER + pairs.map(([key, value]) => `${key} = ${value}\n`).join("");
}

/**
 * Calico's interfaces, as its documentation lists them for NetworkManager. They are added (+=) to what other files there
 * keep from it: without that list it would take over the card by which the machine is reached.
 */
const UNMANAGED = `[keyfile]
unmanaged-devices+=interface-name:cali*;interface-name:tunl*;interface-name:vxlan.calico;interface-name:vxlan-v6.calico;interface-name:wireguard.cali;interface-name:wg-v6.cali
`;

// They make /dev/ipmi0, by which the machine reads its own board's sensors.
const IPMI_MODULES = ["ipmi_devintf", "ipmi_si"];

/** Modules, kernel parameters, no swap, SELinux permissive, pods' interfaces left to the pods' network. */
export const kernelStep: NodeStep = (machine, context) => {
  const { sysctl } = context.config;
  const modules = [...context.config.modules, ...(machine.bmc === undefined ? [] : IPMI_MODULES)];
  const pairs = mergeSysctls(modules, sysctl);
  const files: StepFile[] = [
    {
      path: "/etc/modules-load.d/vmstation.conf",
      content: HEADER + modules.map((m) => `${m}\n`).join(""),
    },
    // After the distribution's own and Kubespray's 99-sysctl.conf there is nothing that would undo it.
    { path: "/etc/sysctl.d/99-zz-vmstation.conf", content: renderSysctlFile(pairs) },
    { path: "/etc/NetworkManager/conf.d/50-vmstation-pods.conf", content: HEADER + UNMANAGED },
  ];
  return {
    name: "kernel",
    script: readScript(__dirname, "files/kernel.sh"),
    libraries: ["files", "units"],
    settings: { MODULES: modules, SYSCTLS: pairs.map(([key, value]) => `${key} ${value}`) },
    files,
  };
};
