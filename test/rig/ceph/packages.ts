import { createHash } from "node:crypto";
import * as fs from "node:fs";
import path from "node:path";
import { run } from "../command";

const SCRIPT = path.join(__dirname, "packages.sh");
/** Where every machine sees the base's repository. */
const MOUNTED = "/srv/rig-repository";

function folderName(): string {
  return `ceph-${createHash("sha256").update(fs.readFileSync(SCRIPT)).digest("hex").slice(0, 16)}`;
}

/** Debian's Ceph as a machine's apt takes it, or undefined where it could not be fetched. */
export function cephRepository(base: string): string | undefined {
  const name = folderName();
  return fs.existsSync(path.join(base, "repository", name))
    ? `deb [trusted=yes] file:${MOUNTED}/${name} ./`
    : undefined;
}

/** Fetches Debian's Ceph into the machines' base, once: they have no uplink, and 77 MB are too many for all of them. */
export async function fetchCeph(base: string): Promise<void> {
  const folder = path.join(base, "repository", folderName());
  if (fs.existsSync(folder)) return;
  console.log(`test:rig fetches Debian's Ceph into ${folder} (once)`);
  const partial = `${folder}.part-${String(process.pid)}`;
  try {
    await run("unshare", ["--mount", SCRIPT, path.join(base, "base"), partial]);
    fs.renameSync(partial, folder);
  } finally {
    fs.rmSync(partial, { recursive: true, force: true });
  }
}
