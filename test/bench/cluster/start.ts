import { join } from "node:path";
import { findRealObstacle } from "../../real/obstacle";
import { start } from "../../support/suites/start";

/**
 * A real cluster by the program and by hand, on the rig's machines. Says in one line why not where it cannot be done.
 * Resolves to whether every goal was met.
 */
export async function benchCluster(root: string): Promise<boolean> {
  const obstacle = await findRealObstacle();
  if (obstacle !== undefined) {
    process.stdout.write(`Real clusters are skipped: ${obstacle}.\n`);
    return true;
  }
  const node = [process.execPath, "--require", "tsx/cjs"];
  const rig = [...node, join(root, "test/rig/run.ts"), "--exec"];
  return (await start([...rig, ...node, join(__dirname, "main.ts")], {})) === 0;
}
