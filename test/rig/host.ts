import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  readFileSync,
  readdirSync,
  statSync,
  utimesSync,
} from "node:fs";
import path from "node:path";
import { CommandError, run } from "./command";
import { SCRIPTS, cgroupRoots } from "./run-context";

/** What the rig needs on the host: a program to look for, and the package that brings it. */
const TOOLS: readonly (readonly [program: string, packageName: string])[] = [
  ["systemd-nspawn", "systemd-container"],
  ["debootstrap", "debootstrap"],
  ["apt-ftparchive", "apt-utils"],
  ["ssh", "openssh-client"],
  ["ip", "iproute2"],
  ["depmod", "kmod"],
  ["python3", "python3-minimal"],
  ["mkfs.ext4", "e2fsprogs"],
  ["sfdisk", "fdisk"],
  ["qemu-system-x86_64", "qemu-system-x86"],
  ["qemu-img", "qemu-utils"],
  ["genisoimage", "genisoimage"],
];

const CACHE = process.env.VMSTATION_RIG_CACHE ?? "/var/cache/vmstation-rig";

/** Why the rig cannot run on this host, or undefined where it can. Changes nothing. */
export async function findObstacle(): Promise<string | undefined> {
  if (process.platform !== "linux") return `it needs Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "it needs root";
  if (findProgram("apt-get") === undefined) return "it needs a Debian-like system, with apt-get";
  const namespaces = ["--mount", "--pid", "--net", "--uts", "--ipc", "--fork"];
  if ((await run("unshare", [...namespaces, "true"], { anyCode: true })).code !== 0)
    return "it needs to make namespaces, and this host or container does not let it";
  if (!cgroupRoots().some((root) => isWritable(root) && existsSync(`${root}/cgroup.procs`)))
    return "it needs a writable cgroup2 file system";
  return undefined;
}

/** Installs what is missing on the host, and says so. */
export async function installTools(): Promise<void> {
  const missing = TOOLS.filter(([program]) => findProgram(program) === undefined).map(
    ([, packageName]) => packageName,
  );
  if (missing.length === 0) return;
  console.log(`test:rig installs on this host: ${missing.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["-q", "update"], { env });
  await run("apt-get", ["-qy", "--no-install-recommends", "install", ...missing], { env });
}

/** The Debians that machines can be made of, by debootstrap's names. */
export type Suite = "bookworm" | "trixie";

/**
 * Makes the machines' base unless an earlier run has, and returns its folder. It is named for a
 * digest of its recipe, so that a changed recipe is never served from an old base.
 */
export async function prepareBase(suite: Suite): Promise<string> {
  const folder = path.join(CACHE, `${suite}-${recipeDigest()}`);
  if (existsSync(folder)) {
    utimesSync(folder, new Date(), new Date());
    return folder;
  }
  console.log(`test:rig builds the machines' base (${suite}) in ${folder} (once, two minutes)`);
  await run("mkdir", ["-p", CACHE]);
  const build = ["unshare", "--mount", path.join(SCRIPTS, "base.sh"), folder, suite];
  await run("flock", [path.join(CACHE, `build-${suite}.lock`), ...build]);
  await removeUnused(folder);
  return folder;
}

/** Long enough that two checkouts with different recipes do not remove each other's. */
const DAY = 86_400_000;

/** Removes bases that nobody has used for a day, except those that a run uses: it holds a lock on the folder. */
async function removeUnused(current: string): Promise<void> {
  const others = readdirSync(CACHE, { withFileTypes: true })
    .map((entry) => path.join(CACHE, entry.name))
    .filter((folder) => folder !== current && existsSync(path.join(folder, "base")))
    .filter((folder) => statSync(folder).mtimeMs < Date.now() - DAY);
  for (const folder of others) {
    const remove = ["rm", "-rf", "--one-file-system", folder];
    await run("flock", ["--nonblock", folder, ...remove], { anyCode: true });
  }
}

/** Makes sure that the kernel can do bridge filtering, which has no module auto-loading. */
export async function loadModules(): Promise<void> {
  if (existsSync("/proc/sys/net/bridge")) return;
  console.log("test:rig loads the kernel module br_netfilter on this host");
  await run("modprobe", ["br_netfilter"]);
}

/** One line that says why a command failed: the last that it wrote. */
export function lastLine(error: unknown): string {
  const text = error instanceof CommandError ? error.result.stderr || error.message : String(error);
  return text.trim().split("\n").at(-1) ?? text;
}

function recipeDigest(): string {
  const files = [SCRIPTS, path.join(SCRIPTS, "files")].flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && isRecipe(folder, entry.name))
      .map((entry) => path.join(folder, entry.name)),
  );
  const digest = createHash("sha256").update(process.env.VMSTATION_RIG_MIRROR ?? "");
  for (const file of files.sort())
    digest.update(path.relative(SCRIPTS, file)).update(readFileSync(file));
  return digest.digest("hex").slice(0, 16);
}

function isRecipe(folder: string, name: string): boolean {
  return folder !== SCRIPTS || name === "base.sh" || name.startsWith("packages-");
}

function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
