import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import {
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  utimes,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { FILES, sha256Of } from "../../../scripts/kit/mirror/folder";
import { moduleFolder } from "../../cluster/tools";
import { run } from "../../rig/command";
import { CACHE, partFolder, PARTS, SHARED_TOOLS } from "../parts/modules";
import { MIRRORED_VERSIONS, mirrorFiles, mirrorImages, type MirrorFile } from "./contents";
import { ImageStore, STABLE } from "./image-store";

const DAY = 86_400_000;

const recordSchema = z.strictObject({
  /** The digest of each manifest, by "repository:tag". */
  images: z.record(z.string(), z.string()),
  /** Digests of files as `bootstrap.checksums` takes them, by Kubernetes version. */
  checksums: z.record(z.string(), z.record(z.string(), z.string())),
});

/** What a mirror has. */
export type MirrorRecord = z.infer<typeof recordSchema>;

/** A folder of files and images, as `vmstation mirror fetch` would have filled it. */
export interface MirrorFolder {
  readonly path: string;
  readonly record: MirrorRecord;
}

/** Makes the mirror from the parts, unless an earlier run has. `rigBase` is the folder of the machines' base. */
export async function prepareMirror(rigBase: string): Promise<MirrorFolder> {
  const folder = path.join(CACHE, `mirror-${recipeDigest(rigBase)}`);
  if (!existsSync(folder)) {
    await removeOlder();
    await make(`${folder}.new`, rigBase);
    await rename(`${folder}.new`, folder);
  }
  const now = new Date();
  await utimes(folder, now, now);
  const record = recordSchema.parse(JSON.parse(await readFile(`${folder}/record.json`, "utf8")));
  return { path: folder, record };
}

async function make(folder: string, rigBase: string): Promise<void> {
  console.log(`test:real makes a mirror of files and images in ${folder.replace(/\.new$/, "")}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const tools = path.join(folder, "tools.tar");
  const repository = path.join(rigBase, "repository");
  const script = [path.join(__dirname, "tools-layer.sh"), path.join(rigBase, "base"), repository];
  await run("unshare", ["--mount", ...script, tools]);
  const record: MirrorRecord = { images: {}, checksums: {} };
  const images = new ImageStore(folder);
  for (const recipe of mirrorImages(tools))
    record.images[`${recipe.repository}:${recipe.tag}`] = await images.add(recipe);
  for (const version of MIRRORED_VERSIONS) {
    const checksums: Record<string, string> = {};
    for (const file of mirrorFiles(version))
      checksums[file.checksum] = await addFile(path.join(folder, FILES), file);
    record.checksums[version] = checksums;
  }
  await writeFile(path.join(folder, "record.json"), JSON.stringify(record));
}

/** Puts a file where its upstream host has it, and returns its digest. */
export async function addFile(root: string, { path: place, from }: MirrorFile): Promise<string> {
  const file = path.join(root, place);
  await mkdir(path.dirname(file), { recursive: true });
  if (existsSync(file)) return sha256Of(file);
  if (typeof from === "string") await copyFile(from, file);
  else if (isList(from)) await writeFile(file, from.map((one) => readFileSync(one)).join("---\n"));
  else await pack(file, from);
  return sha256Of(file);
}

function isList(from: MirrorFile["from"]): from is readonly string[] {
  return Array.isArray(from);
}

async function pack(file: string, programs: Readonly<Record<string, string>>): Promise<void> {
  const tree = await mkdtemp(`${file}-`);
  for (const [name, program] of Object.entries(programs)) {
    await mkdir(path.dirname(path.join(tree, name)), { recursive: true });
    await link(program, path.join(tree, name));
  }
  const gzip = ["--use-compress-program", "gzip -1n"];
  const words = ["--create", "--file", file, ...gzip, "--directory", tree, ...STABLE];
  // By their names, as publishers do: some who unpack it take the first part of each path off.
  await run("tar", [...words, ...readdirSync(tree).sort()]);
  await rm(tree, { recursive: true });
}

function recipeDigest(rigBase: string): string {
  const digest = createHash("sha256").update(path.basename(rigBase));
  for (const part of PARTS) digest.update(path.basename(partFolder(part)));
  for (const module of SHARED_TOOLS) digest.update(path.basename(moduleFolder(module)));
  const folders = [__dirname, path.join(__dirname, "files")];
  for (const folder of folders)
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isFile()) digest.update(readFileSync(path.join(folder, entry.name)));
  return digest.digest("hex").slice(0, 16);
}

/** A day after it was used last: another checkout's run may serve it. */
async function removeOlder(): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  for (const name of readdirSync(CACHE).filter((each) => each.startsWith("mirror-"))) {
    const folder = path.join(CACHE, name);
    if (Date.now() - statSync(folder).mtimeMs > DAY)
      rmSync(folder, { recursive: true, force: true });
  }
}
