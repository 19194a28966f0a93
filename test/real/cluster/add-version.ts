import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { kubernetes } from "../../../components/versions";
import { FILES, sha256Of } from "../../../scripts/kit/mirror/folder";
import { mirrorFiles } from "../mirror/contents";

/**
 * Adds kubeadm, kubelet and kubectl to a mirror under another version of as many characters, and returns the digests of
 * that version's files. The programs are those of the pinned version, which call themselves by the other one.
 */
export async function addVersion(folder: string, version: string): Promise<Record<string, string>> {
  const checksums: Record<string, string> = {};
  for (const { path: place, checksum, from } of mirrorFiles(kubernetes.version)) {
    const file = path.join(folder, FILES, place);
    const other = file.replace(`/v${kubernetes.version}/`, `/v${version}/`);
    if (other !== file && typeof from === "string") {
      await mkdir(path.dirname(other), { recursive: true });
      // Latin 1 keeps each byte as it is.
      const text = await readFile(from, "latin1");
      await writeFile(other, text.replaceAll(`v${kubernetes.version}`, `v${version}`), "latin1");
    }
    checksums[checksum] = await sha256Of(other);
  }
  return checksums;
}
