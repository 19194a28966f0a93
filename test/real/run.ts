/**
 * `npm run test:real [-- TEST_FILE...]`: builds what a real cluster consists of, unless an earlier run has, and runs the
 * suites below this folder on the rig's machines. `-- --build` only builds; `-- --second-chance` runs a file
 * again in which something failed, on machines of its own.
 */
import path from "node:path";
import { runMain, start } from "../support/suites/start";
import { findRealObstacle } from "./obstacle";
import { SKIP_VARIABLE } from "./use-real";

async function main(args: readonly string[]): Promise<number> {
  const obstacle = await findRealObstacle();
  if (obstacle !== undefined) console.log(`test:real is skipped: ${obstacle}`);
  if (args[0] === "--build") return obstacle === undefined ? 0 : 1;
  const variables = obstacle === undefined ? {} : { [SKIP_VARIABLE]: obstacle };
  // The rig says itself where it cannot run.
  const rig = ["--require", "tsx/cjs", path.join(__dirname, "../rig/run.ts")];
  const suites = path.join(__dirname, "**/*.test.ts");
  return start([process.execPath, ...rig, ...args, suites], variables);
}

runMain(main);
