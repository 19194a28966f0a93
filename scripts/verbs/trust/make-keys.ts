import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setSecrets } from "../../kit/pulumi/set-secrets";
import type { Project } from "../../kit/stack-file/project";
import { UserError } from "../../kit/user-error";
import type { Finding } from "./render";

/**
 * Makes the SSH host keys of machines that the next update makes, and keeps the private halves as secrets of the stack.
 * Resolves to the machines with the public halves, which nobody has to compare: they have not come over a network.
 */
export async function makeKeys(
  machines: readonly Finding[],
  about: { readonly project: Project; readonly stack: string },
): Promise<Finding[]> {
  if (machines.length === 0) return [];
  const pairs = await Promise.all(
    machines.map(async (machine) => ({ machine, pair: await makePair(machine.name) })),
  );
  const secrets = pairs.map(({ machine, pair }): [string, string] => [
    machine.hostKeySecret ?? "",
    pair.privateKey,
  ]);
  await setSecrets(new Map(secrets), about);
  return pairs.map(({ machine, pair }) => ({ ...machine, pinned: pair.publicKey, isMade: true }));
}

/** By OpenSSH's own ssh-keygen; its files are gone before this resolves. */
async function makePair(name: string): Promise<{ publicKey: string; privateKey: string }> {
  const { execa } = await import("execa");
  const folder = await mkdtemp(join(tmpdir(), "vmstation-key-"));
  const file = join(folder, "key");
  try {
    const made = await execa(
      "ssh-keygen",
      ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file],
      {
        reject: false,
      },
    );
    if (made.failed)
      throw new UserError(`ssh-keygen makes no key: ${made.stderr || (made.shortMessage ?? "")}`);
    const [type = "", key = ""] = (await readFile(`${file}.pub`, "utf8")).split(" ");
    return { publicKey: `${type} ${key}`, privateKey: await readFile(file, "utf8") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
