import { kubeObject } from "../../cluster/kube-object";
import { nodePath, putToSleep, wakeUp } from "../../cluster/nodes";
import { OBJECTS as SYSTEM } from "../../cluster/operations-objects";
import {
  createPod,
  type FaultCase,
  findPod,
  makeReady,
  makeUnready,
  removePod,
  tellConditions,
  tellContainer,
  waitForUnreadyPods,
} from "./fault-case";
import type { ValidationLab } from "./lab";

const SETS = "/apis/apps/v1/namespaces/kube-system/daemonsets";
const PROBE = { namespace: "default", name: "probe" };
const POWER_STATE = "vmstation.io/power-state";
const TAINT = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };

const unready = (what: string, label: string, fails: FaultCase["fails"] = {}): FaultCase => ({
  ...{ what, group: "cluster", fails },
  break: (lab) => makeUnready(lab, "kube-system", label),
  mend: (lab) => makeReady(lab, "kube-system", label),
});

const setNode = ({ cluster }: ValidationLab, name: string, change: object): Promise<void> =>
  cluster.api.merge(nodePath(name), change);

const waiting = (reason: string, check: string): FaultCase => ({
  ...{ what: `a container that waits: ${reason}`, group: "pods" },
  fails: {
    [check]: new RegExp(`^default/probe \\(main: ${reason}\\)$`),
    pending: /^default\/probe$/,
  },
  break: async (lab) => {
    await createPod(lab, "hazel");
    await tellContainer(lab, PROBE, { state: { waiting: { reason } } });
  },
  mend: removePod,
});

/** A pod that runs and has crashed often. */
async function crash(lab: ValidationLab, status: object): Promise<void> {
  const { metadata } = await findPod(lab, "default", "app=web");
  await tellContainer(lab, { namespace: "default", name: metadata.name }, status);
}

async function replaceCrashed(lab: ValidationLab): Promise<void> {
  const { metadata } = await findPod(lab, "default", "app=web");
  await lab.cluster.kubectl(["delete", "pod", metadata.name]);
}

/** Faults of the cluster, its machines and its pods. */
export const CLUSTER_CASES: readonly FaultCase[] = [
  {
    ...{ what: "etcd does not answer the API server", group: "cluster" },
    fails: { API: /^\[-\]etcd failed: / },
    unseen: {
      "machines ready": /^nodes: /,
      "system pods": /^nodes: /,
      "cluster DNS": /^pods: /,
      "calico-node": /^nodes: /,
      "kube-proxy": /^nodes: /,
    },
    break: (lab) => signalEtcd(lab, "SIGSTOP"),
    mend: (lab) => signalEtcd(lab, "SIGCONT"),
  },
  {
    ...{ what: "a machine is not heard of that nobody has put to sleep", group: "cluster" },
    fails: {
      "machines ready": /^hazel is not Ready$/,
      "system pods": /^calico-node-\w+; kube-proxy-\w+$/,
      "calico-node": /^none on hazel$/,
      "kube-proxy": /^none on hazel$/,
    },
    break: async (lab) => {
      await putToSleep(lab.cluster, "hazel");
      await waitForUnreadyPods(lab, "hazel");
    },
    mend: ({ cluster }) => wakeUp(cluster, "hazel"),
  },
  unready("a pod of Calico is not Ready", "k8s-app=calico-node", {
    "system pods": /^calico-node-\w+$/,
    "calico-node": /^none on (maple|hazel|spruce)$/,
  }),
  unready("CoreDNS is not Ready", "k8s-app=kube-dns", {
    "system pods": /^coredns-\S+$/,
    "cluster DNS": /^none of 1 CoreDNS pods is Ready$/,
  }),
  {
    ...{ what: "kube-proxy is not there", group: "cluster" },
    fails: { "kube-proxy": /^it is not installed$/ },
    break: ({ cluster }) =>
      cluster.kubectl(["-n", "kube-system", "delete", "daemonset", "kube-proxy"]),
    mend: ({ cluster }) =>
      cluster.api.call("POST", SETS, SYSTEM.map((each) => kubeObject.parse(each))[1]),
  },
  {
    ...{ what: "a machine is small", group: "nodes" },
    fails: { resources: /^hazel has 1 cores; hazel has 2000000Ki of memory$/ },
    break: (lab) => setCapacity(lab, { cpu: "1", memory: "2000000Ki" }),
    mend: (lab) => setCapacity(lab, { cpu: "8", memory: "16Gi" }),
  },
  {
    ...{ what: "a kubelet is short of disk", group: "nodes" },
    fails: { pressure: /^hazel: DiskPressure$/ },
    break: (lab) => tellConditions(lab, "hazel", { DiskPressure: "True" }),
    mend: ({ cluster }) => wakeUp(cluster, "hazel"),
  },
  {
    ...{ what: "a taint is lost", group: "nodes" },
    fails: { taints: /^maple lacks node-role\.kubernetes\.io\/control-plane:NoSchedule$/ },
    break: (lab) => setNode(lab, "maple", { spec: { taints: [] } }),
    mend: (lab) => setNode(lab, "maple", { spec: { taints: [TAINT] } }),
  },
  {
    ...{ what: "a machine did not wake", group: "nodes" },
    fails: { power: /^hazel did not wake$/ },
    break: (lab) => setNode(lab, "hazel", { metadata: { labels: { [POWER_STATE]: "failed" } } }),
    mend: (lab) => setNode(lab, "hazel", { metadata: { labels: { [POWER_STATE]: null } } }),
  },
  {
    ...{ what: "a pod crashes and waits to be restarted", group: "pods" },
    fails: { "crash loops": /^default\/web-\S+ \(main: CrashLoopBackOff\)$/ },
    break: (lab) =>
      crash(lab, { restartCount: 3, state: { waiting: { reason: "CrashLoopBackOff" } } }),
    mend: replaceCrashed,
  },
  {
    ...{ what: "a container was restarted often", group: "pods" },
    fails: { restarts: /^default\/web-\S+ \(main: 6\)$/ },
    break: (lab) => crash(lab, { restartCount: 6, ready: true, state: { running: {} } }),
    mend: replaceCrashed,
  },
  waiting("ImagePullBackOff", "images"),
  waiting("CreateContainerConfigError", "start"),
  {
    ...{ what: "no machine is good enough for a pod", group: "pods" },
    fails: { pending: /^default\/probe$/ },
    break: (lab) => createPod(lab),
    mend: removePod,
  },
  {
    ...{ what: "the control plane has no kubeconfig", group: "pods" },
    unseen: Object.fromEntries(
      ["crash loops", "images", "start", "pending", "restarts"].map((check) => [
        check,
        /^(nodes|pods): kubectl: /,
      ]),
    ),
    break: ({ control }) => control.exec("mv /etc/kubernetes/admin.conf /run/admin.conf"),
    mend: ({ control }) => control.exec("mv /run/admin.conf /etc/kubernetes/admin.conf"),
  },
];

function setCapacity({ cluster }: ValidationLab, capacity: object): Promise<void> {
  return cluster.api.merge(`${nodePath("hazel")}/status`, { status: { capacity } });
}

function signalEtcd({ cluster }: ValidationLab, signal: "SIGSTOP" | "SIGCONT"): Promise<void> {
  cluster.signal("etcd", signal);
  return Promise.resolve();
}
