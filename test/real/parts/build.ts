import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { buildTools } from "../../cluster/build";
import { CommandError, run } from "../../rig/command";
import {
  CACHE,
  findMissing,
  partFolder,
  PARTS,
  renderLdflags,
  SHARED_TOOLS,
  TOOLS,
  type Part,
} from "./modules";

/** Where Go's own installer puts it, which is often on no PATH. */
const GO_FOLDER = "/usr/local/go/bin";

/** What runc, which has C in it, is built with; and what `vmstation mirror fetch` copies images by. */
const PACKAGES = ["gcc", "libc6-dev", "libseccomp-dev", "pkg-config", "skopeo"];

/**
 * Builds what is missing from Go's module proxy. Returns why it cannot on this machine, in one line, or
 * undefined when all programs are there. Sources that do not compile are an error, not a reason to skip.
 */
export async function buildParts(): Promise<string | undefined> {
  const missing = findMissing();
  const env = { ...process.env, PATH: `${process.env.PATH ?? ""}:${GO_FOLDER}` };
  const go = await run("sh", ["-c", "command -v go"], { env, anyCode: true });
  if (missing.length > 0 && go.code !== 0) return "there is no Go to build its programs with";
  const lack = await installPackages();
  if (lack !== undefined) return lack;
  for (const one of missing) {
    const obstacle = await fetchSources(one, env);
    if (obstacle !== undefined) return obstacle;
  }
  for (const one of missing) await build(one, env);
  removeOlder();
  return buildTools(SHARED_TOOLS);
}

/** Installs on this host what is missing. Returns why it cannot, in one line. */
async function installPackages(): Promise<string | undefined> {
  const there = await run("dpkg-query", ["-W", ...PACKAGES], { anyCode: true });
  if (there.code === 0) return undefined;
  console.log(`test:real installs on this host: ${PACKAGES.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["-q", "update"], { env, anyCode: true });
  const words = ["-qy", "--no-install-recommends", "install", ...PACKAGES];
  const installed = await run("apt-get", words, { env, anyCode: true });
  if (installed.code === 0) return undefined;
  return `its packages cannot be installed: ${installed.stderr.trim().split("\n").at(-1) ?? ""}`;
}

/** Downloads what a module's programs consist of, which is what fails without a network or a recent Go. */
async function fetchSources(one: Part, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const folder = path.join(TOOLS, one.module);
  const what = existsSync(path.join(folder, "main.go")) ? "." : "tool";
  const list = ["list", "-mod=readonly", `-tags=${one.tags.join(",")}`, "-deps", what];
  const args = ["-C", folder, "go", ...list];
  const { code, stderr } = await run("env", args, { env, anyCode: true });
  if (code === 0) return undefined;
  return `Go cannot get the sources of ${one.name}: ${stderr.trim().split("\n").at(-1) ?? ""}`;
}

async function build(one: Part, env: NodeJS.ProcessEnv): Promise<void> {
  const folder = partFolder(one);
  console.log(`test:real builds ${one.name} in ${folder}`);
  const start = performance.now();
  mkdirSync(CACHE, { recursive: true });
  const settings = [renderLdflags(one), one.tags.join(","), one.cgo ? "1" : "0"];
  const script = [path.join(__dirname, "build.sh"), one.module, folder, ...settings];
  try {
    await run("flock", [path.join(CACHE, `${one.name}.lock`), ...script], { env });
  } catch (error) {
    if (error instanceof CommandError)
      throw new Error(`${one.name} did not build`, { cause: error });
    throw error;
  }
  console.log(`  took ${Math.round((performance.now() - start) / 1000)} s`);
}

/** Removes what earlier versions of the parts left in the cache. */
function removeOlder(): void {
  if (!existsSync(CACHE)) return;
  const current = new Set(PARTS.map((one) => path.basename(partFolder(one))));
  const names = PARTS.map(({ name }) => name);
  for (const name of readdirSync(CACHE)) {
    const isPart = names.some((own) => new RegExp(`^${own}-[0-9a-f]{16}$`).test(name));
    if (isPart && !current.has(name))
      rmSync(path.join(CACHE, name), { recursive: true, force: true });
  }
}
