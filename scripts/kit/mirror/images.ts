import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { UserError } from "../user-error";
import { imagePath, sha256Of, sizeOf } from "./folder";
import type { MirrorImage } from "./needs";

const descriptor = z.object({ digest: z.string() });
/** A list of manifests, one for each architecture, or the manifest of one. */
const manifestSchema = z.object({
  manifests: z.array(descriptor).prefault([]),
  config: descriptor.optional(),
  layers: z.array(descriptor).prefault([]),
});

/** As skopeo names it: by its digest where that is known, so that nothing else can come. */
function sourceOf({ image, digest }: MirrorImage, from: string | undefined): string[] {
  const repository = image.slice(0, image.lastIndexOf(":"));
  const named = digest === null ? image : `${repository}@${digest}`;
  if (from === undefined) return [`docker://${named}`];
  const unencrypted = from.startsWith("http://") ? ["--src-tls-verify=false"] : [];
  return [...unencrypted, `docker://${new URL(from).host}/${named}`];
}

/**
 * The command that copies an image into the folder, with every architecture and its digests as they are. `from` is
 * another mirror, which has it under its whole name.
 */
export function copyCommand(image: MirrorImage, target: string, from?: string): string[] {
  return ["skopeo", "copy", "--all", ...sourceOf(image, from), `dir:${target}`];
}

/** Copies an image to its place: all of it, or nothing. */
export async function copyImage(folder: string, image: MirrorImage, from?: string): Promise<void> {
  const { execa } = await import("execa");
  const target = join(folder, imagePath(image.image));
  const fresh = `${target}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(dirname(fresh), { recursive: true });
  const [program = "", ...words] = copyCommand(image, fresh, from);
  const ran = await execa(program, words, { reject: false });
  if (ran.failed) {
    const said = ran.stderr.trim().split("\n").at(-1) ?? "";
    throw new UserError(`skopeo could not copy ${image.image}: ${said}`);
  }
  await rm(target, { recursive: true, force: true });
  await rename(fresh, target);
}

/** The files of skopeo's folders: each content has its digest as its name. */
export function contentFile(folder: string, digest: string, kind: "manifest" | "blob"): string {
  const name = digest.replace(/^sha256:/, "");
  return join(folder, kind === "manifest" ? `${name}.manifest.json` : name);
}

/** What is wrong with an image in the folder; undefined where all of it is there, and is what it has to be. */
export async function checkImage(folder: string, wanted: MirrorImage): Promise<string | undefined> {
  const place = join(folder, imagePath(wanted.image));
  const top = join(place, "manifest.json");
  if ((await sizeOf(top)) === undefined) return "missing";
  const digest = `sha256:${await sha256Of(top)}`;
  if (wanted.digest !== null && digest !== wanted.digest) return `it has the digest ${digest}`;
  return checkManifest(place, top);
}

async function checkManifest(place: string, file: string): Promise<string | undefined> {
  const read = manifestSchema.safeParse(JSON.parse(await readFile(file, "utf8")));
  if (!read.success) return "its manifest cannot be read";
  const { manifests, config, layers } = read.data;
  for (const { digest } of manifests) {
    const below = contentFile(place, digest, "manifest");
    const wrong = (await wrongContent(below, digest)) ?? (await checkManifest(place, below));
    if (wrong !== undefined) return wrong;
  }
  for (const { digest } of [...(config ? [config] : []), ...layers]) {
    const wrong = await wrongContent(contentFile(place, digest, "blob"), digest);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

async function wrongContent(file: string, digest: string): Promise<string | undefined> {
  if ((await sizeOf(file)) === undefined) return `${digest} of it is missing`;
  return `sha256:${await sha256Of(file)}` === digest ? undefined : `${digest} of it is damaged`;
}
