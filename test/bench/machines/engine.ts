import { findEngine } from "../../engine/find-engine";
import { EngineLab, type Update } from "../../engine/engine-lab";
import { longestChain } from "../critical-path";
import { compareTimes, seconds, type Row } from "../table";

/** An update that has nothing to do takes no more than twice an empty program's, and is quicker than Ansible's look. */
const GOALS = { path: 1.2, preview: 2, again: 2, ansible: 1 };
const ROUNDS = 3;

interface Times {
  readonly preview: number;
  readonly up: number;
}

export interface EngineBench {
  readonly agentSocket: string;
  /** The rig's stack file, with the machines' keys. */
  readonly stackFile: string;
  /** Milliseconds of Ansible's no-op on the same machines. */
  readonly ansible: number;
  /** Makes all machines bare. */
  readonly reset: () => Promise<void>;
}

/** The machines' part by Pulumi's own engine, on bare machines. Says in one line where there is no engine. */
export async function benchEngine(args: EngineBench): Promise<Row[]> {
  const engine = await findEngine(process.env);
  if ("missing" in engine) {
    process.stdout.write(`Updates by the engine are skipped: ${engine.missing}.\n`);
    return [];
  }
  const env = { SSH_AUTH_SOCK: args.agentSocket };
  const common = { engine, stack: "rig", configFile: args.stackFile, env };
  await args.reset();
  const own = await EngineLab.open({ ...common, program: "test/engine/program/machines.ts" });
  const empty = await EngineLab.open({ ...common, program: "test/engine/program/empty.ts" });
  try {
    await succeed(empty.up());
    await own.preview();
    const first = await succeed(own.up());
    const chain = longestChain(first.durations, await own.dependencies());
    process.stdout.write(renderChain(first, chain.urns));
    const [ours, theirs] = await inTurn([own, empty]);
    return [
      compareTimes(
        "first up against its critical path",
        first.milliseconds,
        chain.milliseconds,
        GOALS.path,
      ),
      compareTimes(
        "preview against an empty program's",
        ours.preview,
        theirs.preview,
        GOALS.preview,
      ),
      compareTimes("no-op up against an empty program's", ours.up, theirs.up, GOALS.again),
      compareTimes("no-op up against Ansible's no-op", ours.up, args.ansible, GOALS.ansible),
    ];
  } finally {
    own.remove();
    empty.remove();
  }
}

/** The least disturbed run of each, measured in turn. */
async function inTurn(labs: readonly [EngineLab, EngineLab]): Promise<[Times, Times]> {
  const measure = async (lab: EngineLab, before: Times): Promise<Times> => {
    const preview = await succeed(lab.preview({ expectNoChanges: true }));
    const up = await succeed(lab.up({ expectNoChanges: true }));
    return {
      preview: Math.min(before.preview, preview.milliseconds),
      up: Math.min(before.up, up.milliseconds),
    };
  };
  const [own, empty] = labs;
  let result: [Times, Times] = [
    { preview: Infinity, up: Infinity },
    { preview: Infinity, up: Infinity },
  ];
  for (let round = 0; round < ROUNDS; round += 1)
    result = [await measure(own, result[0]), await measure(empty, result[1])];
  return result;
}

/** Throws with the engine's output where it failed. */
export async function succeed(running: Promise<Update>): Promise<Update> {
  const update = await running;
  if (!update.ok) throw new Error(update.output);
  return update;
}

/** `Longest chain of the first up: preflight-hazel 0.80 s, …` */
function renderChain({ durations }: Update, urns: readonly string[]): string {
  const links = urns
    .map((urn) => ({ name: urn.slice(urn.lastIndexOf("::") + 2), took: durations.get(urn) ?? 0 }))
    .filter(({ took }) => took >= 10);
  const listed = links.map(({ name, took }) => `${name} ${seconds(took)}`).join(", ");
  return `Longest chain of the first up: ${listed}\n`;
}
