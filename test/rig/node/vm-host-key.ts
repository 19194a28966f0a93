import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { run } from "../command";

/** Where the program brings cloud-init's data to on the host. */
export const SNIPPET = "/var/lib/vz/snippets/vmstation-164.yaml";

export interface HostKey {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** As `vmstation trust` makes it. */
export async function makeHostKey(): Promise<HostKey> {
  const folder = mkdtempSync(path.join(tmpdir(), "vmstation-host-key-"));
  const file = path.join(folder, "key");
  try {
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "qemu", "-f", file]);
    const [type = "", key = ""] = readFileSync(`${file}.pub`, "utf8").split(" ");
    return { publicKey: `${type} ${key}`, privateKey: readFileSync(file, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
