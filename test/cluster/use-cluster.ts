import { findMissing, CLUSTER_MODULES, type ToolModule } from "./tools";
import { TestCluster, type ClusterOptions } from "./test-cluster";

/** By which run.ts tells the suites why nothing could be built. */
export const SKIP_VARIABLE = "VMSTATION_CLUSTER_SKIP";

/** For a mocha `before`: leaves the suite's tests pending where the programs are not built. */
export function requireTools(
  context: Mocha.Context,
  modules: readonly ToolModule[] = CLUSTER_MODULES,
): void {
  if (findMissing(modules).length === 0) return;
  // run.ts has said why already where it found that they cannot be built.
  if (process.env[SKIP_VARIABLE] === undefined)
    console.log("    pending: `npm run test:cluster` builds the programs for this");
  context.skip();
}

/** Starts a cluster from programs that are built: `npm run test:cluster -- --build`. */
export function startCluster(options?: ClusterOptions): Promise<TestCluster> {
  return TestCluster.start(options);
}

/** Gives a mocha suite a cluster of its own, and returns how its tests and hooks get at it. */
export function useCluster(options?: ClusterOptions): () => TestCluster {
  let cluster: TestCluster | undefined;

  before(async function () {
    requireTools(this);
    cluster = await startCluster(options);
  });

  after(async () => {
    await cluster?.stop();
    cluster = undefined;
  });

  return () => {
    if (cluster === undefined) throw new Error("the cluster is not on");
    return cluster;
  };
}
