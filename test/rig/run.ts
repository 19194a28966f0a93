/**
 * `npm run test:rig [-- TEST_FILE...]`: runs the rig's tests where the machines live, in namespaces
 * of the run's own. `-- --exec COMMAND...` runs another command there instead; `-- --second-chance` runs a file
 * again in which something failed, on machines of its own.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { fetchPythonIndex } from "./bootstrap/python-index";
import { fetchCeph } from "./ceph/packages";
import { findObstacle, installTools, lastLine, loadModules, prepareBase } from "./host";
import { removeLeftovers, removeRun } from "./leftovers";
import { runSuites, SECOND_CHANCE } from "../support/suites/second-chance";
import { runMain, start } from "../support/suites/start";
import {
  CACHE_VARIABLE,
  DEBIAN_13_VARIABLE,
  RUNS,
  RUN_VARIABLE,
  SCRIPTS,
  SKIP_VARIABLE,
} from "./run-context";

const NAMESPACES = ["--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--mount-proc"];

async function main(args: readonly string[]): Promise<number> {
  const prepared = await prepare();
  if ("skip" in prepared) {
    console.log(`test:rig is skipped: ${prepared.skip}`);
    if (args[0] === "--exec") return 1;
    const others = args.filter((arg) => arg !== SECOND_CHANCE);
    return start(mocha(others), { [SKIP_VARIABLE]: prepared.skip }, "SIGKILL");
  }
  const own = { [DEBIAN_13_VARIABLE]: prepared.debian13 };
  if (args[0] === "--exec") return enter(prepared.base, args.slice(1), own);
  return runSuites(args, (more, variables) =>
    enter(prepared.base, mocha(more), { ...variables, ...own }),
  );
}

/** Readies the host, or says why the rig cannot run on it. */
async function prepare(): Promise<{ base: string; debian13: string } | { skip: string }> {
  const obstacle = await findObstacle();
  if (obstacle !== undefined) return { skip: obstacle };
  await removeLeftovers();
  try {
    await installTools();
    await loadModules();
    const [base, debian13] = await Promise.all([prepareBase("bookworm"), prepareBase("trixie")]);
    await fetchPythonIndex(base).catch((error: unknown) => {
      console.log(`test:rig goes on without Ansible's packages: ${lastLine(error)}`);
    });
    await fetchCeph(base).catch((error: unknown) => {
      console.log(`test:rig goes on without Debian's Ceph: ${lastLine(error)}`);
    });
    return { base, debian13 };
  } catch (error) {
    return { skip: `this host could not be readied: ${lastLine(error)}` };
  }
}

function mocha(args: readonly string[]): string[] {
  // A suite that is named stands in for the pattern that its npm script gives.
  const named = args.some((arg) => arg.endsWith(".ts") && !arg.includes("*"));
  const own = args.filter((arg) => !named || !arg.includes("*"));
  const hasFile = own.some((arg) => arg.endsWith(".ts"));
  const files = hasFile ? own : [...own, path.join(__dirname, "**/*.test.ts")];
  const bin = require.resolve("mocha/bin/mocha.js");
  const options = ["--no-config", "--require", "tsx/cjs", "--timeout", "600000", "--exit"];
  const reporter = path.join(__dirname, "../support/suites/reporter.ts");
  return [process.execPath, bin, ...options, "--reporter", reporter, ...files];
}

/**
 * Runs a command as the only child of a new PID namespace's first process. The chain of parents
 * carries this process' death down to it, and the kernel then ends all that the run started.
 */
async function enter(
  base: string,
  command: readonly string[],
  variables: NodeJS.ProcessEnv = {},
): Promise<number> {
  const id = randomBytes(4).toString("hex");
  const folder = path.join(RUNS, id);
  mkdirSync(folder, { recursive: true });
  const chain = [
    ...["setpriv", "--pdeathsig", "KILL"],
    ...["flock", "--no-fork", `${folder}.new`],
    ...["flock", "--no-fork", "--shared", base],
    ...["unshare", ...NAMESPACES, "--kill-child"],
    ...[path.join(SCRIPTS, "inside.sh"), folder],
  ];
  try {
    const own = { ...variables, [RUN_VARIABLE]: id, [CACHE_VARIABLE]: base };
    return await start([...chain, ...command], own, "SIGKILL");
  } finally {
    await removeRun(id);
  }
}

runMain(main);
