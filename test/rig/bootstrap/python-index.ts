import { createHash } from "node:crypto";
import * as fs from "node:fs";
import path from "node:path";
import { run } from "../command";

const REQUIREMENTS = path.join(__dirname, "requirements.txt");

/** Where every machine sees the base's repository. */
const MOUNTED = "/srv/rig-repository";

function folderName(): string {
  const digest = createHash("sha256").update(fs.readFileSync(REQUIREMENTS)).digest("hex");
  return `python-${digest.slice(0, 16)}`;
}

/** The package index as a machine's pip takes it, or undefined where it could not be fetched. */
export function pythonIndex(base: string): string | undefined {
  const name = folderName();
  return fs.existsSync(path.join(base, "repository", name))
    ? `file://${MOUNTED}/${name}/simple`
    : undefined;
}

/** "ansible" of "ansible-11.13.0-py3-none-any.whl", as PEP 503 writes it. */
function projectOf(wheel: string): string {
  const [name = ""] = wheel.split("-");
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/** One page for each project, each with a link to its wheels. */
function writePages(folder: string): void {
  for (const wheel of fs.readdirSync(path.join(folder, "wheels"))) {
    const page = path.join(folder, "simple", projectOf(wheel));
    fs.mkdirSync(page, { recursive: true });
    fs.symlinkSync(path.join("../../wheels", wheel), path.join(page, wheel));
    fs.writeFileSync(path.join(page, "index.html"), `<a href="${wheel}">${wheel}</a>\n`);
  }
}

/**
 * Fetches Ansible's wheels into the machines' base, once, and makes them an index that pip reads from a folder.
 * The machines have no uplink; their Python is the base's, so that wheels are chosen for that one.
 */
export async function fetchPythonIndex(base: string): Promise<void> {
  const folder = path.join(base, "repository", folderName());
  if (fs.existsSync(folder)) return;
  console.log(`test:rig fetches Ansible's packages into ${folder} (once)`);
  const partial = `${folder}.part-${String(process.pid)}`;
  try {
    const interpreter = ["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"];
    const platforms = ["manylinux_2_34_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"];
    await run("python3", [
      ...["-m", "pip", "download", "--quiet", "--disable-pip-version-check"],
      ...["--only-binary=:all:", ...interpreter, "--abi", "abi3", "--abi", "none"],
      ...platforms.flatMap((platform) => ["--platform", platform]),
      ...["--dest", path.join(partial, "wheels"), "--requirement", REQUIREMENTS],
    ]);
    writePages(partial);
    fs.renameSync(partial, folder);
  } finally {
    fs.rmSync(partial, { recursive: true, force: true });
  }
}
