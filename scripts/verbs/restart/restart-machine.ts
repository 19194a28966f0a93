import type { NodeSeen } from "./nodes";
import { UserError } from "../../kit/user-error";

/** What a restart needs of the world outside; run.ts has the real one. */
export interface World {
  readonly look: () => Promise<NodeSeen[]>;
  readonly drain: (name: string) => Promise<void>;
  readonly takeBack: (name: string) => Promise<void>;
  /** The machine's own word of which boot it runs in; undefined where it does not answer. */
  readonly boot: () => Promise<string | undefined>;
  readonly restart: () => Promise<void>;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Seconds of a clock that never jumps. */
  readonly now: () => number;
  readonly onProgress: (text: string) => void;
}

export interface Plan {
  readonly name: string;
  /** Machines that carry etcd, this one among them or not. */
  readonly etcd: readonly string[];
  /** Seconds that it may take to come back. */
  readonly patience: number;
}

const INTERVAL = 3000;

/** Why the machine must not be restarted now. */
export function against({ name, etcd }: Plan, nodes: readonly NodeSeen[]): string[] {
  if (!etcd.includes(name) || etcd.length === 1) return [];
  const others = etcd.filter((each) => each !== name);
  const ready = others.filter((each) => nodes.some((node) => node.name === each && node.ready));
  const needed = Math.floor(etcd.length / 2) + 1;
  if (ready.length >= needed) return [];
  const away = others.filter((each) => !ready.includes(each));
  if (away.length > 0)
    return [
      `etcd needs ${needed} of ${etcd.length} members, and ${ready.length} would be left: ${away.join(", ")} is not Ready`,
    ];
  return [];
}

/** Whether its pods can go to another machine before. */
export function isDrained(name: string, nodes: readonly NodeSeen[]): boolean {
  const own = nodes.find((node) => node.name === name);
  const others = nodes.some((node) => node.name !== name && node.ready && !node.cordoned);
  return own?.ready === true && others;
}

/**
 * Drains the machine, restarts it, waits until its kubelet says that it runs in another boot, and lets it take pods
 * again. Resolves to why it was not done; a node that somebody else has cordoned stays so.
 */
export async function restartMachine(plan: Plan, world: World): Promise<string[]> {
  const { name } = plan;
  const nodes = await world.look();
  const why = against(plan, nodes);
  if (why.length > 0) return why;
  const before = await world.boot();
  if (before === undefined) return ["it does not answer by SSH: there is nothing to restart"];
  const own = nodes.find((node) => node.name === name);
  const isKept = own?.cordoned === true && !own.ours;
  if (!isKept && isDrained(name, nodes)) {
    world.onProgress(`${name}: drain\n`);
    const failed = await world.drain(name).then(() => undefined, reasonOf);
    if (failed !== undefined) {
      await world.takeBack(name);
      return [failed];
    }
  } else world.onProgress(`${name}: not drained\n`);
  world.onProgress(`${name}: restart\n`);
  const failed = await world.restart().then(() => undefined, reasonOf);
  if (failed !== undefined) {
    if (own !== undefined && !isKept) await world.takeBack(name);
    return [failed];
  }
  return comeBack(plan, world, { before, isNode: own !== undefined, isKept });
}

function reasonOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  throw error;
}

interface Left {
  readonly before: string;
  readonly isNode: boolean;
  readonly isKept: boolean;
}

async function comeBack(plan: Plan, world: World, left: Left): Promise<string[]> {
  const { name, patience } = plan;
  const deadline = world.now() + patience;
  for (;;) {
    const boot = await world.boot();
    const isUp = boot !== undefined && boot !== left.before;
    if (isUp && (!left.isNode || (await runsIn(name, boot, world)))) break;
    if (world.now() > deadline)
      return [
        isUp
          ? `it is up, and its kubelet is not Ready within ${patience} s; it takes no pods until it is restarted again or uncordoned`
          : `it is not back within ${patience} s: look at its console`,
      ];
    await world.pause(INTERVAL);
  }
  if (left.isNode && !left.isKept) await world.takeBack(name);
  return [];
}

/** By the kubelet's own word: a Node still says Ready for some seconds after its machine has gone. */
async function runsIn(name: string, boot: string, world: World): Promise<boolean> {
  try {
    const nodes = await world.look();
    return nodes.some((node) => node.name === name && node.ready && node.boot === boot);
  } catch (error) {
    // The API server may be on this machine.
    reasonOf(error);
    return false;
  }
}
