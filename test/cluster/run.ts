/**
 * `npm run test:cluster [-- TEST_FILE...]`: builds the cluster's programs, unless an earlier run has, and
 * runs the suites below this folder against clusters of their own. `-- --build` only builds; `-- --second-chance`
 * runs a file again in which something failed, against a cluster of its own. VMSTATION_BUILD_MINUTES=N begins no further
 * build after so many minutes.
 */
import path from "node:path";
import { runSuites } from "../support/suites/second-chance";
import { runMain, start } from "../support/suites/start";
import { buildTools } from "./build";
import { OWN_NETWORK, ownNetwork } from "./lan";
import { removeLeftovers } from "./leftovers";
import { findMissing, type ToolModule, toolPath } from "./tools";
import { SKIP_VARIABLE } from "./use-cluster";

async function main(args: readonly string[]): Promise<number> {
  const within = Number(process.env.VMSTATION_BUILD_MINUTES ?? Infinity) * 60_000;
  const obstacle =
    process.platform === "linux"
      ? await buildTools(undefined, within)
      : `it needs Linux, not ${process.platform}`;
  if (obstacle !== undefined) console.log(`test:cluster is skipped: ${obstacle}`);
  if (args[0] === "--build") return obstacle === undefined ? 0 : 1;
  if (obstacle === undefined) await removeLeftovers();
  const network = await ownNetwork();
  const variables = {
    ...(obstacle === undefined ? toolVariables() : { [SKIP_VARIABLE]: obstacle }),
    ...(network.length > 0 ? { [OWN_NETWORK]: "yes" } : {}),
  };
  return runSuites(args, (more, own) =>
    start([...network, ...mocha(more)], { ...variables, ...own }),
  );
}

/** Suites of the unit tests that are pending where there is no promtool, no Helm, or no parser of Kubernetes'. */
const WITH_TOOLS = ["monitoring/rules", "monitoring/helm-template", "remote/quantity"].map((name) =>
  path.join(__dirname, `../unit/${name}.test.ts`),
);

/** Where those suites find the programs that were built for this one. */
function toolVariables(): NodeJS.ProcessEnv {
  const isThere = (module: ToolModule): boolean => findMissing([module]).length === 0;
  return {
    ...(isThere("prometheus") ? { PROMTOOL: toolPath("promtool") } : {}),
    ...(isThere("helm") ? { HELM: toolPath("helm") } : {}),
  };
}

function mocha(args: readonly string[]): string[] {
  const hasFile = args.some((arg) => arg.endsWith(".ts"));
  const files = hasFile ? args : [...args, path.join(__dirname, "**/*.test.ts"), ...WITH_TOOLS];
  const options = ["--no-config", "--require", "tsx/cjs", "--timeout", "120000"];
  const reporter = path.join(__dirname, "../support/suites/reporter.ts");
  return [
    process.execPath,
    require.resolve("mocha/bin/mocha.js"),
    ...options,
    "--reporter",
    reporter,
    ...files,
  ];
}

runMain(main);
