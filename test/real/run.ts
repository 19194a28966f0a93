/**
 * `npm run test:real [-- TEST_FILE...]`: builds what a real cluster consists of, unless an earlier run has, and runs the
 * suites below this folder on the rig's machines. `-- --build` only builds; `-- --second-chance` runs a file
 * again in which something failed, on machines of its own.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import { buildParts } from "./parts/build";
import { SKIP_VARIABLE } from "./use-real";

async function main(args: readonly string[]): Promise<number> {
  const obstacle = await findObstacle();
  if (obstacle !== undefined) console.log(`test:real is skipped: ${obstacle}`);
  if (args[0] === "--build") return obstacle === undefined ? 0 : 1;
  const variables = obstacle === undefined ? {} : { [SKIP_VARIABLE]: obstacle };
  return start([...args, path.join(__dirname, "**/*.test.ts")], variables);
}

async function findObstacle(): Promise<string | undefined> {
  if (process.platform !== "linux") return `it needs Linux, not ${process.platform}`;
  if (process.getuid?.() !== 0) return "it needs root";
  return buildParts();
}

/** Runs suites on the rig, which says itself where it cannot. */
function start(args: readonly string[], variables: NodeJS.ProcessEnv): Promise<number> {
  const rig = path.join(__dirname, "../rig/run.ts");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--require", "tsx/cjs", rig, ...args], {
      stdio: "inherit",
      env: { ...process.env, ...variables },
    });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(signal, () => void child.kill(signal));
    child.on("error", reject);
    child.on("exit", (code) => {
      resolve(code ?? 1);
    });
  });
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
