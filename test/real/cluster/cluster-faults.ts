import type { Real } from "../running-real";
import type { Fault } from "./faults";

const CONTROL = "maple";
const WORKER = "spruce";
const GATEWAY = "10.213.0.1";
export const TAINT = "faults=yes:PreferNoSchedule";
const STATE = "vmstation.io/power-state";
const FILLED = "/var/lib/filled";

const on = (name: string, script: string): Pick<Fault, "break">["break"] => {
  return ({ rig }) => rig.machine(name).exec(script);
};

const kubectl = (...words: string[]): Pick<Fault, "break">["break"] => {
  return ({ lab }) => lab.kubectl(...words);
};

/** A DaemonSet that wants machines that there are not. */
const nowhere = (name: string, namespace: string): Pick<Fault, "break" | "mend"> => {
  const patch = (value: string | null): Fault["break"] => {
    const template = { spec: { nodeSelector: { nowhere: value } } };
    const text = JSON.stringify({ spec: { template } });
    return kubectl("-n", namespace, "patch", "daemonset", name, "-p", text);
  };
  return { break: patch("yes"), mend: patch(null) };
};

/** Writes a word of CoreDNS's configuration in another's place, and starts its pods again. */
async function changeDns({ lab }: Real, word: string, by: string): Promise<void> {
  const corefile = await lab.kubectl("-n", "kube-system", "get", "cm", "coredns", "-o", "yaml");
  await lab.objects.kubectl(["replace", "-f", "-"], corefile.replace(word, by));
  await lab.kubectl("-n", "kube-system", "delete", "pod", "-l", "k8s-app=kube-dns");
}

/** Lets no ping from or through a machine reach these addresses any more. */
function dropPings(addresses: string): string {
  const rule = `icmp type echo-request ip daddr ${addresses} drop`;
  const chain = (hook: string): string =>
    `chain ${hook} { type filter hook ${hook} priority -300; ${rule}; };`;
  return `nft 'table inet faults { ${chain("output")} ${chain("prerouting")} }'`;
}

const PASS_PINGS = "nft delete table inet faults";

/** On the machines of CoreDNS's pods, which the check asks for an answer. */
async function onDnsMachines({ lab, rig }: Real, script: string): Promise<void> {
  const names = "jsonpath={.items[*].spec.nodeName}";
  const pods = ["-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-dns", "-o", names];
  for (const name of new Set((await lab.kubectl(...pods)).split(" ")))
    await rig.machine(name).exec(script);
}

/** Faults of what the cluster is made of. */
export const CLUSTER_FAULTS: readonly Fault[] = [
  {
    what: "a machine has lost its taint",
    seen: { "nodes: taints": /^spruce lacks faults=yes:PreferNoSchedule$/ },
    break: kubectl("taint", "node", WORKER, `${TAINT}-`),
    mend: kubectl("taint", "node", WORKER, TAINT),
  },
  {
    what: "a machine did not wake",
    seen: { "nodes: power": /^spruce did not wake$/ },
    break: kubectl("label", "node", WORKER, `${STATE}=failed`),
    mend: kubectl("label", "node", WORKER, `${STATE}-`),
  },
  {
    what: "a network agent runs nowhere",
    seen: { "cluster: calico-node": /^none on hazel; none on maple; none on spruce$/ },
    ...nowhere("calico-node", "calico-system"),
  },
  {
    what: "kube-proxy runs nowhere",
    seen: { "cluster: kube-proxy": /^none on hazel; none on maple; none on spruce$/ },
    ...nowhere("kube-proxy", "kube-system"),
  },
  {
    what: "the router is silent, and the clock is not kept",
    seen: {
      "network: gateway": /^10\.213\.0\.1 does not answer$/,
      "time: control plane": /506 Cannot talk to daemon/,
    },
    break: on(CONTROL, `systemctl stop chrony; ${dropPings(GATEWAY)}`),
    mend: on(CONTROL, `systemctl start chrony; ${PASS_PINGS}`),
  },
  {
    what: "pods are out of reach",
    seen: { "network: pod network": /^no pod on \w+ in reach \(/ },
    break: (real) => onDnsMachines(real, dropPings("10.244.0.0/16")),
    mend: (real) => onDnsMachines(real, PASS_PINGS),
  },
  {
    what: "the cluster's DNS does not start",
    seen: {
      "cluster: system pods": /coredns-/,
      "cluster: cluster DNS": /^none of \d CoreDNS pods is Ready$/,
      "network: internal DNS": /^kubernetes\.default\.svc\.cluster\.local: /,
      "network: external DNS": /^mirror\.example: /,
      "pods: crash loops": /^kube-system\/coredns-\S+ \(coredns: CrashLoopBackOff\)/,
    },
    // There is no pod left to ask.
    also: ["network: pod network"],
    break: (real) => changeDns(real, "errors", "nosuchplugin"),
    mend: async (real) => {
      await changeDns(real, "nosuchplugin", "errors");
      await real.lab.passes("remedy", "coredns", "--yes");
    },
  },
  {
    what: "a kubelet is silent",
    seen: {
      "cluster: machines ready": /^spruce is not Ready$/,
      "storage: disks": /^spruce: .*10\.213\.0\.61:10250/,
    },
    also: ["cluster: system pods", "cluster: calico-node", "cluster: kube-proxy"],
    break: on(WORKER, "systemctl stop kubelet"),
    mend: ({ lab }) => lab.passes("remedy", "not-ready-node", WORKER, "--yes"),
  },
  {
    what: "a disk is full",
    seen: {
      "nodes: pressure": /^spruce: DiskPressure$/,
      "storage: disks": /^spruce: 9\d% used$/,
    },
    break: on(
      WORKER,
      `free=$(df --output=avail -B1 /var/lib | tail -n 1); fallocate -l "$((free / 100 * 93))" ${FILLED}`,
    ),
    mend: on(WORKER, `rm ${FILLED}`),
  },
  {
    what: "etcd does not answer",
    seen: { "cluster: API": /^\[-\]etcd/ },
    also: [
      ...["machines ready", "system pods", "cluster DNS", "calico-node", "kube-proxy"].map(
        (check) => `cluster: ${check}`,
      ),
    ],
    break: on(CONTROL, "pkill -STOP -x etcd"),
    mend: on(CONTROL, "pkill -CONT -x etcd || :"),
  },
];
