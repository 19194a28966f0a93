import { createHash } from "node:crypto";
import { link, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { imagePath, sha256Of } from "../../../scripts/kit/mirror/folder";
import { contentFile } from "../../../scripts/kit/mirror/images";
import { run } from "../../rig/command";

/** What an image is made of. */
export interface ImageRecipe {
  /** "registry.k8s.io/pause" */
  readonly repository: string;
  readonly tag: string;
  /** Tar files, the lowest first. */
  readonly layers?: readonly string[];
  /** Programs, by their paths in the image. */
  readonly files: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
}

/** A content that a registry serves by its digest. */
interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** The digest of each image's manifest, by "repository:tag". */
export type ImageIndex = Record<string, string>;

const OCI = "application/vnd.oci.image";
const MANIFEST_TYPE = `${OCI}.manifest.v1+json`;
const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Images in a mirror's folder, each as `vmstation mirror fetch` leaves it there. */
export class ImageStore {
  constructor(private readonly mirror: string) {}

  /** Makes an image, and returns its manifest's digest. */
  async add(recipe: ImageRecipe): Promise<string> {
    const folder = path.join(this.mirror, imagePath(`${recipe.repository}:${recipe.tag}`));
    await mkdir(folder, { recursive: true });
    const layers = [];
    for (const layer of recipe.layers ?? []) layers.push(await addFile(folder, layer));
    layers.push(await addPrograms(folder, recipe.files));
    const config = await addJson(folder, `${OCI}.config.v1+json`, {
      architecture: "amd64",
      os: "linux",
      config: { Env: [PATH], WorkingDir: "/", Entrypoint: recipe.entrypoint },
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    });
    const manifest = { schemaVersion: 2, mediaType: MANIFEST_TYPE, config, layers };
    const text = JSON.stringify(manifest);
    await writeFile(path.join(folder, "manifest.json"), text);
    return digestOf(text);
  }
}

/** A layer with programs, made so that the same programs are the same layer. */
async function addPrograms(folder: string, files: ImageRecipe["files"]): Promise<Blob> {
  const work = await mkdtemp(path.join(path.dirname(folder), "layer-"));
  const tree = path.join(work, "tree");
  const tar = path.join(work, "layer.tar");
  for (const [inside, program] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(tree, inside)), { recursive: true });
    await link(program, path.join(tree, inside));
  }
  await run("tar", [...["--create", "--file", tar, "--directory", tree], ...STABLE, "."]);
  const blob = await addFile(folder, tar);
  await rm(work, { recursive: true });
  return blob;
}

async function addFile(folder: string, file: string): Promise<Blob> {
  const digest = `sha256:${await sha256Of(file)}`;
  const { size } = await stat(file);
  await link(file, contentFile(folder, digest, "blob"));
  return { mediaType: `${OCI}.layer.v1.tar`, digest, size };
}

async function addJson(folder: string, mediaType: string, value: object): Promise<Blob> {
  const text = JSON.stringify(value);
  const digest = digestOf(text);
  await writeFile(contentFile(folder, digest, "blob"), text);
  return { mediaType, digest, size: Buffer.byteLength(text) };
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** tar's options for archives that depend on nothing but what is in them. */
export const STABLE = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
