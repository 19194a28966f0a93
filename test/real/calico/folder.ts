import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { calico, calicoOperator } from "../../../components/versions";
import { FILES, imagePath, IMAGES } from "../../../scripts/kit/mirror/folder";
import { run } from "../../rig/command";
import type { MirrorRecord } from "../mirror/make";

/** A folder as `vmstation mirror fetch` fills it, with Calico's files and images. */
export const CALICO_IMAGES = process.env.CALICO_IMAGES ?? "";

const QUAY = path.join(IMAGES, "quay.io");
const MANIFESTS = `raw.githubusercontent.com/projectcalico/calico/v${calico.version}/manifests`;

/** Why there is no real Calico on this host, in one line; undefined where there is. */
export function whyNoCalico(): string | undefined {
  if (CALICO_IMAGES === "")
    return "CALICO_IMAGES names no folder of Calico's files and images (test/real/README.md)";
  const wanted = [
    path.join(FILES, MANIFESTS, "tigera-operator.yaml"),
    imagePath(calicoOperator),
    imagePath(`quay.io/calico/node:v${calico.version}`),
  ];
  const missing = wanted.find((name) => !existsSync(path.join(CALICO_IMAGES, name)));
  return missing === undefined ? undefined : `CALICO_IMAGES has no ${missing}`;
}

/** The mirror's record with Calico's images, and without digests of what replaced its manifests. */
export function withCalico(record: MirrorRecord): MirrorRecord {
  const checksums = Object.entries(record.checksums).map(([version, digests]) => {
    const kept = Object.entries(digests).filter(([name]) => !name.startsWith("operator"));
    return [version, Object.fromEntries(kept)] as const;
  });
  return {
    images: { ...record.images, ...calicoDigests() },
    checksums: Object.fromEntries(checksums),
  };
}

/** Fills `target` with what the folders have; of one file, with the first folder's, so that a stand-in replaces none. */
export async function linkFolders(target: string, ...folders: readonly string[]): Promise<void> {
  await mkdir(target);
  for (const folder of folders) await addFolder(folder, target);
}

/** Fills a mirror with what it does not have and the folder has. Links where the file system can. */
export async function addFolder(folder: string, target: string): Promise<void> {
  const words = ["--archive", "--no-clobber", "--no-target-directory", folder, target];
  const linked = await run("cp", ["--link", ...words], { anyCode: true });
  if (linked.code !== 0) await run("cp", words);
}

function calicoDigests(): Record<string, string> {
  const files = readdirSync(path.join(CALICO_IMAGES, QUAY), { recursive: true, encoding: "utf8" });
  const manifests = files.filter((file) => path.basename(file) === "manifest.json");
  return Object.fromEntries(
    manifests.map((file) => {
      const tag = path.dirname(file);
      const content = readFileSync(path.join(CALICO_IMAGES, QUAY, file));
      const digest = createHash("sha256").update(content).digest("hex");
      return [`quay.io/${path.dirname(tag)}:${path.basename(tag)}`, `sha256:${digest}`] as const;
    }),
  );
}
