import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { CommandError, run } from "../rig/command";
import {
  CACHE,
  findMissing,
  moduleFolder,
  programsOf,
  renderLdflags,
  tagsOf,
  TOOLS,
  type ToolModule,
} from "./tools";

/** Where Go's own installer puts it, which is often on no PATH. */
const GO_FOLDER = "/usr/local/go/bin";

/**
 * Builds what is missing from Go's module proxy. Returns why it cannot on this machine, in one line, or
 * undefined when that is done. Sources that do not compile are an error, not a reason to skip. Once `within` milliseconds
 * are over no further program is begun; which ones is said, and what needs them is pending.
 */
export async function buildTools(
  modules?: readonly ToolModule[],
  within = Infinity,
): Promise<string | undefined> {
  const start = performance.now();
  const missing = findMissing(modules);
  if (missing.length === 0) return undefined;
  const env = { ...process.env, PATH: `${process.env.PATH ?? ""}:${GO_FOLDER}` };
  const go = await run("sh", ["-c", "command -v go"], { env, anyCode: true });
  if (go.code !== 0) return "there is no Go to build its programs with";
  for (const module of missing) {
    const obstacle = await fetchSources(module, env);
    if (obstacle !== undefined) return obstacle;
  }
  for (const [index, module] of missing.entries()) {
    if (performance.now() - start > within) {
      console.log(`test:cluster has no time to build ${missing.slice(index).join(", ")}`);
      break;
    }
    await build(module, env);
  }
  return undefined;
}

/** Downloads what a module's programs consist of, which is what fails without a network or a recent Go. */
async function fetchSources(
  module: ToolModule,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const script = [path.join(TOOLS, "build.sh"), "fetch", module, tagsOf(module)];
  const { code, stderr } = await run("sh", script, { env, anyCode: true });
  if (code === 0) return undefined;
  return `Go cannot get the sources of ${module}: ${stderr.trim().split("\n").at(-1) ?? ""}`;
}

async function build(module: ToolModule, env: NodeJS.ProcessEnv): Promise<void> {
  const folder = moduleFolder(module);
  console.log(`test:cluster builds ${programsOf(module).join(", ") || module} in ${folder}`);
  const start = performance.now();
  mkdirSync(CACHE, { recursive: true });
  const settings = [renderLdflags(module), tagsOf(module)];
  const script = [path.join(TOOLS, "build.sh"), "build", module, folder, ...settings];
  try {
    await run("flock", [path.join(CACHE, `${module}.lock`), ...script], { env });
  } catch (error) {
    if (error instanceof CommandError) throw new Error(`${module} did not build`, { cause: error });
    throw error;
  }
  removeOlder(module, folder);
  console.log(`  took ${Math.round((performance.now() - start) / 1000)} s`);
}

/** Removes what earlier versions of the module left in the cache. */
function removeOlder(module: ToolModule, current: string): void {
  if (!existsSync(CACHE)) return;
  for (const name of readdirSync(CACHE)) {
    const folder = path.join(CACHE, name);
    if (new RegExp(`^${module}-[0-9a-f]{16}$`).test(name) && folder !== current)
      rmSync(folder, { recursive: true, force: true });
  }
}
