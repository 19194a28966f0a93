import { EngineLab } from "../../engine/engine-lab";
import { findEngine } from "../../engine/find-engine";
import type { Real } from "../../real/running-real";
import { longestChain } from "../critical-path";
import { succeed } from "../machines/engine";
import { compareTimes, type Row } from "../table";

const GOALS = { path: 1.2, again: 2.5 };
/** The least disturbed one of each counts. */
const ROUNDS = 3;
const UNCHANGED = { expectNoChanges: true };

/** A first `up` by Pulumi's own engine, and one with nothing to do. Says in one line where there is no engine. */
export async function benchEngine({ lab, rig }: Real): Promise<Row[]> {
  const engine = await findEngine(process.env);
  if ("missing" in engine) {
    process.stdout.write(`Updates by the engine are skipped: ${engine.missing}.\n`);
    return [];
  }
  const own = await lab.openEngine(engine);
  const empty = await EngineLab.open({
    ...{ engine, stack: "real", configFile: lab.stackFile },
    env: { SSH_AUTH_SOCK: rig.agentSocket },
    program: "test/engine/program/empty.ts",
  });
  try {
    const first = await succeed(own.up());
    const chain = longestChain(first.durations, await own.dependencies());
    await succeed(empty.up());
    let [again, nothing] = [Infinity, Infinity];
    for (let round = 0; round < ROUNDS; round += 1) {
      again = Math.min(again, (await succeed(own.up(UNCHANGED))).milliseconds);
      nothing = Math.min(nothing, (await succeed(empty.up(UNCHANGED))).milliseconds);
    }
    return [
      compareTimes(
        "first up against its critical path",
        first.milliseconds,
        chain.milliseconds,
        GOALS.path,
      ),
      compareTimes("no-op up against an empty program's", again, nothing, GOALS.again),
    ];
  } finally {
    own.remove();
    empty.remove();
  }
}
