import type * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../node/machine";
import { byName, type ClusterArgs } from "./args";
import { readScript, type Step, type StepFile } from "../remote/step";

export const LIBRARY = "/usr/local/lib/vmstation/bootstrap";

/** What an upgrade asks of the cluster when a machine takes its turn. */
export interface TurnArgs {
  /** The node whose turn it is. */
  readonly node: string;
  /** What it is to run afterwards, as its kubelet says it. */
  readonly release: string;
  readonly kubeconfig: string;
  /** kubectl's program and, where it is another program's, the word by which it is kubectl. */
  readonly kubectl: readonly string[];
}

/** A program that machines have for more than one method. */
export function program(name: string): StepFile {
  return {
    path: `${LIBRARY}/${name}`,
    content: readScript(__dirname, `files/${name}`),
    mode: "0755",
    validate: "shell",
  };
}

/** The programs by which a machine takes its turn; an installer that drains its own machine calls them as well. */
export function turnFiles(): StepFile[] {
  return ["turn-node.sh", "one-step-forward.sh", "start-service.sh"].map(program);
}

/** On the controller: drains a machine before its upgrade, or takes it back after that. */
export function turnStep(
  { node, release, kubeconfig, kubectl }: TurnArgs,
  turn: "leaves" | "is back",
): Step {
  return {
    name: turn === "leaves" ? "bootstrap-drain" : "bootstrap-uncordon",
    script: readScript(__dirname, "files/turn.sh"),
    libraries: [],
    checks: false,
    settings: {
      PROGRAM: `${LIBRARY}/turn-node.sh`,
      NODE: node,
      TURN: turn === "leaves" ? "drain" : "uncordon",
      RELEASE: release,
      KUBECONFIG: kubeconfig,
      KUBECTL: kubectl.join(" "),
    },
  };
}

/** Whether it runs etcd and the API server. */
export function isServer({ roles }: Pick<Machine, "roles">): boolean {
  return roles.includes("control-plane");
}

/** The order in which machines are installed and upgraded: the controller, the other servers, the agents. */
export function inOrder(args: Pick<ClusterArgs, "machines" | "controller">): readonly Machine[] {
  const others = byName(args.machines).filter((machine) => machine.name !== args.controller.name);
  return [
    args.controller,
    ...others.filter(isServer),
    ...others.filter((machine) => !isServer(machine)),
  ];
}

/** What is made of a machine, once what comes before it is done. */
interface Made {
  readonly install: (machine: Machine, dependsOn: pulumi.Resource[]) => pulumi.Resource;
  readonly turn: (
    machine: Machine,
    turn: "leaves" | "is back",
    dependsOn: pulumi.Resource[],
  ) => pulumi.Resource;
  /** On the controller, once it runs and before another machine joins. */
  readonly arrivals: (dependsOn: pulumi.Resource[]) => pulumi.Resource;
}

/** One machine after another; what is last has waited for all of them. A server drains itself, an agent is drained. */
export function oneAfterAnother(
  args: Pick<ClusterArgs, "machines" | "controller">,
  { install, turn, arrivals }: Made,
): pulumi.Resource[] {
  let before: pulumi.Resource[] = [];
  for (const machine of inOrder(args)) {
    const turns = !isServer(machine);
    if (turns) before = [turn(machine, "leaves", before)];
    before = [install(machine, before)];
    if (turns) before = [turn(machine, "is back", before)];
    if (machine.name === args.controller.name) before = [arrivals(before)];
  }
  return before;
}
