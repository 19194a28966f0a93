import type { Machine } from "../node/machine";
import { readScript, type Setting, type Step, type StepFile } from "../remote/step";
import { clusterAddressOf } from "../shared/addresses";
import { byName, digestOf, type ClusterArgs } from "./args";
import type { ClusterFiles } from "./common-steps";
import { LIBRARY } from "./turns";

/** How a method's cluster is asked for its machines, and lets one go. */
export interface MembersArgs {
  readonly files: ClusterFiles;
  /** etcd's own program on the controller, with its options; absent where a server that is deleted leaves etcd by itself. */
  readonly etcdctl?: readonly string[];
  /** The service of a server that would join again as long as it runs. */
  readonly serverService?: string;
}

/** A machine as members.py compares it. */
export interface MemberState {
  readonly roles: readonly string[];
  /** Its host key; null where it is not pinned. */
  readonly key: string | null;
  readonly offline: boolean;
}

export interface MemberRules {
  readonly controller: string;
  readonly allowRemoval: boolean;
  readonly learners: boolean;
  readonly leavesFirst: boolean;
}

const SPEC = `${LIBRARY}/members.json`;
const CHANGER = `${LIBRARY}/change_members.py`;
const PROGRAMS = ["change_members.py", "etcd_members.py", "members.py"];

export function memberState(machine: Machine): MemberState {
  const { roles, hostKey, offline } = machine;
  return { roles, key: hostKey ?? null, offline };
}

/** kubeadm, RKE2 and K3s let a member of etcd vote once it has the data. */
export function memberRules({ config, controller }: ClusterArgs): MemberRules {
  const { allowRemoval } = config;
  return { controller: controller.name, allowRemoval, learners: true, leavesFirst: false };
}

function renderSpec(
  args: ClusterArgs,
  { files, etcdctl = [], serverService }: MembersArgs,
): string {
  const machines = byName(args.machines).map((machine) => {
    const { sleeps } = machine;
    // etcd's members are known by it.
    const address = clusterAddressOf(machine);
    return [machine.name, { ...memberState(machine), address, sleeps }] as const;
  });
  const spec = {
    machines: Object.fromEntries(machines),
    rules: memberRules(args),
    kubectl: [files.kubectl, "--kubeconfig", files.kubeconfig],
    etcdctl,
    service: serverService ?? null,
  };
  return `${JSON.stringify(spec, null, 2)}\n`;
}

/** What a step has to have that lets machines go: settings, and a script that comes before its own. */
export function membersPart(args: ClusterArgs, its: MembersArgs) {
  const settings: Readonly<Record<string, Setting>> = {
    CHANGER,
    SPEC,
    // Also where only a host key is another one.
    MEMBERS: digestOf(renderSpec(args, its)),
  };
  return { settings, script: readScript(__dirname, "files/change-members.sh") };
}

/** On the controller, before machines join: takes out what joins again, and refuses what would cost etcd its majority. */
export function arrivalsStep(args: ClusterArgs, its: MembersArgs): Step {
  const { settings, script } = membersPart(args, its);
  const programs = PROGRAMS.map((name): StepFile => ({
    path: `${LIBRARY}/${name}`,
    content: readScript(__dirname, `files/${name}`),
    mode: "0755",
    validate: "python",
  }));
  return {
    name: "bootstrap-arrivals",
    script: `${script}\n${readScript(__dirname, "files/arrivals.sh")}`,
    libraries: ["files"],
    settings,
    files: [...programs, { path: SPEC, content: renderSpec(args, its), mode: "0600" }],
  };
}
