import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
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
export const MANIFEST_TYPE = `${OCI}.manifest.v1+json`;
const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A folder of contents by their digests, as a registry serves them. */
export class ImageStore {
  constructor(private readonly folder: string) {}

  blobFile(digest: string): string {
    return path.join(this.folder, digest.replace(":", "-"));
  }

  /** Makes an image, and returns its manifest's digest. */
  async add(recipe: ImageRecipe): Promise<string> {
    await mkdir(this.folder, { recursive: true });
    const layers = [];
    for (const layer of recipe.layers ?? []) layers.push(await this.addFile(layer));
    layers.push(await this.addPrograms(recipe.files));
    const config = await this.addJson(`${OCI}.config.v1+json`, {
      architecture: "amd64",
      os: "linux",
      config: { Env: [PATH], WorkingDir: "/", Entrypoint: recipe.entrypoint },
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    });
    const manifest = { schemaVersion: 2, mediaType: MANIFEST_TYPE, config, layers };
    return (await this.addJson(MANIFEST_TYPE, manifest)).digest;
  }

  /** A layer with programs, made so that the same programs are the same layer. */
  private async addPrograms(files: Readonly<Record<string, string>>): Promise<Blob> {
    const work = await mkdtemp(path.join(this.folder, "layer-"));
    const tree = path.join(work, "tree");
    const tar = path.join(work, "layer.tar");
    for (const [inside, program] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(tree, inside)), { recursive: true });
      await link(program, path.join(tree, inside));
    }
    await run("tar", [...["--create", "--file", tar, "--directory", tree], ...STABLE, "."]);
    const blob = await this.addFile(tar);
    await rm(work, { recursive: true });
    return blob;
  }

  private async addFile(file: string): Promise<Blob> {
    const digest = `sha256:${await sha256Of(file)}`;
    const { size } = await stat(file);
    await rm(this.blobFile(digest), { force: true });
    await link(file, this.blobFile(digest));
    return { mediaType: `${OCI}.layer.v1.tar`, digest, size };
  }

  private async addJson(mediaType: string, value: object): Promise<Blob> {
    const text = JSON.stringify(value);
    const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
    const file = this.blobFile(digest);
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
    return { mediaType, digest, size: Buffer.byteLength(text) };
  }
}

/** tar's options for archives that depend on nothing but what is in them. */
export const STABLE = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];

export async function sha256Of(file: string): Promise<string> {
  const digest = createHash("sha256");
  for await (const chunk of createReadStream(file)) digest.update(chunk as Buffer);
  return digest.digest("hex");
}
