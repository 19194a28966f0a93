import type { Machine } from "../node/machine";
import { readScript, type Setting, type Step, type StepFile } from "../remote/step";
import { renderSmokePod, smokeImage } from "../shared/smoke-pod";
import { byName, type ClusterArgs } from "./args";
import { addonMachines } from "./addon-machines";
import { renderFixedLines, type FixedSetting } from "./fixed-settings";
import { membersPart, type MembersArgs } from "./members";
import type { CommonConfig } from "./common-config";
import { clusterMarks, type OwnMarks } from "./marks";
import { ADDON_LABEL } from "./render-calico";

const LIBRARY = "/usr/local/lib/vmstation/bootstrap";

/** Where a method keeps kubectl and the administrator's kubeconfig on the controller. */
export interface ClusterFiles {
  readonly kubectl: string;
  readonly kubeconfig: string;
}

/** The program that fetches what a list names, each by its digest. */
export function fetcher(): StepFile {
  return {
    path: `${LIBRARY}/fetch-artefacts.sh`,
    content: readScript(__dirname, "files/fetch-artefacts.sh"),
    mode: "0755",
    validate: "shell",
  };
}

/** What comes before a method's own script: what may be on the machine, and what a running cluster keeps. */
export function guardScript(): string {
  return ["files/pod-routes.sh", "files/existing.sh", "files/fixed.sh"]
    .map((file) => readScript(__dirname, file))
    .join("\n");
}

/** What files/existing.sh asks. */
export function guardSettings(
  args: ClusterArgs,
  { distribution, foreignFiles = [] }: OwnMarks,
): Readonly<Record<string, Setting>> {
  const { config } = args;
  const others = clusterMarks(distribution).foreignMarks.map((line) => line.split(" ")[1] ?? "");
  return {
    EXISTING: config.existing,
    CLUSTER: args.clusterName,
    RESET_CLUSTER: config.resetClusterName ?? "",
    OTHER_MARKS: [...others, ...foreignFiles],
  };
}

/** For the machine that would begin a cluster: the other control planes, which may have one already. */
export function peersSetting(
  { machines, controller, config }: ClusterArgs<CommonConfig & { readonly apiServerPort: number }>,
  machine: Machine,
): Readonly<Record<string, Setting>> {
  const others = byName(machines).filter(
    ({ name, roles }) => name !== machine.name && roles.includes("control-plane"),
  );
  const peers = others.map(({ name, address }) => `${name} ${address}:${config.apiServerPort}`);
  return { PEERS: machine.name === controller.name ? peers : [] };
}

/** What files/fixed.sh compares. */
export function fixedSetting(fixed: readonly FixedSetting[]): Readonly<Record<string, Setting>> {
  return { FIXED: renderFixedLines(fixed) };
}

/** `revision` changes with each run, so that the kubeconfig is read again after it. */
export function kubeconfigStep(files: ClusterFiles, endpoint: string, revision: string): Step {
  return {
    name: "bootstrap-kubeconfig",
    script: readScript(__dirname, "files/kubeconfig.sh"),
    libraries: [],
    checks: false,
    settings: { KUBECONFIG: files.kubeconfig, ENDPOINT: endpoint, REVISION: revision },
  };
}

/** "label alpha a=b": one line for each label and taint that a Node object is to have. */
export function renderNodeLines(args: ClusterArgs): string[] {
  const addons = addonMachines(args.config, args.machines);
  return byName(args.machines.filter((machine) => !machine.offline)).flatMap((machine) => [
    ...Object.entries({
      ...machine.labels,
      ...(addons.includes(machine.name) ? { [ADDON_LABEL]: "true" } : {}),
    }).map(([key, value]) => `label ${machine.name} ${key}=${value}`),
    ...machine.taints.map((taint) => `taint ${machine.name} ${taint}`),
  ]);
}

/** Labels and taints, for methods whose installer sets them only when a machine joins. */
export function nodesStep(args: ClusterArgs, its: MembersArgs): Step {
  const { files } = its;
  const { settings, script } = membersPart(args, its);
  return {
    name: "bootstrap-nodes",
    script: `${script}\n${readScript(__dirname, "files/nodes.sh")}`,
    libraries: [],
    settings: {
      ...settings,
      KUBECTL: files.kubectl,
      KUBECONFIG: files.kubeconfig,
      NODES: renderNodeLines(args),
      MACHINES: byName(args.machines).map((machine) => machine.name),
    },
  };
}

/** What verify.py checks: these machines, and a pod on an always-on one. */
export function renderVerifySpec(args: ClusterArgs): object {
  const machines = args.machines.map(
    (m) =>
      [
        m.name,
        { address: m.address, port: m.sshPort, sleeps: m.sleeps, offline: m.offline },
      ] as const,
  );
  const [home] = addonMachines(args.config, args.machines);
  return {
    machines: Object.fromEntries([...machines].sort(([a], [b]) => (a < b ? -1 : 1))),
    resources: args.awaitedResources,
    pod: renderSmokePod(
      "vmstation-smoke",
      smokeImage(args.config.sources.imageDigests.pause),
      home === undefined ? {} : { "kubernetes.io/hostname": home },
    ),
  };
}

export function verifyStep(args: ClusterArgs, files: ClusterFiles, revision: string): Step {
  return {
    name: "bootstrap-verify",
    script: readScript(__dirname, "files/verify.sh"),
    libraries: ["files"],
    settings: {
      KUBECTL: files.kubectl,
      KUBECONFIG: files.kubeconfig,
      VERIFIER: `${LIBRARY}/verify.py`,
      SPEC: `${LIBRARY}/verify.json`,
      REVISION: revision,
    },
    files: [
      {
        path: `${LIBRARY}/verify.py`,
        content: readScript(__dirname, "files/verify.py"),
        mode: "0755",
        validate: "python",
      },
      {
        path: `${LIBRARY}/verify.json`,
        content: `${JSON.stringify(renderVerifySpec(args), null, 2)}\n`,
      },
    ],
  };
}
