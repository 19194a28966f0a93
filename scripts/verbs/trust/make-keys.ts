import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { publicHalf } from "../../../components/hypervisor/render-host-key";
import { renderCommand } from "../../kit/advice";
import { PrivateFolder } from "../../kit/private-folder";
import { readSecret } from "../../kit/pulumi/read-secret";
import { setSecrets } from "../../kit/pulumi/set-secrets";
import type { Project } from "../../kit/stack-file/project";
import { UserError } from "../../kit/user-error";
import type { Finding } from "./render";

interface KeysArgs {
  readonly project: Project;
  readonly stack: string;
  /** Whether the stack's file has a value of this key. */
  readonly has: (key: string) => boolean;
}

interface Pair {
  readonly publicKey: string;
  /** Undefined where it is a secret of the stack already. */
  readonly privateKey?: string;
}

/**
 * Makes the SSH host keys of machines that the next update makes, and keeps the private halves as secrets of the stack.
 * One that is a secret already stays: an earlier run was cut, or a machine was made with it.
 * Resolves to the machines with the public halves, which nobody has to compare: they have not come over a network.
 */
export async function makeKeys(machines: readonly Finding[], about: KeysArgs): Promise<Finding[]> {
  const secrets = new Map<string, string>();
  const made: Finding[] = [];
  for (const machine of machines) {
    const secret = machine.hostKeySecret ?? "";
    const isKept = about.has(`${about.project.name}:${secret}`);
    const { publicKey, privateKey }: Pair = isKept
      ? await readPair(machine.name, secret, about)
      : await makePair(machine.name, about.project);
    if (privateKey !== undefined) secrets.set(secret, privateKey);
    made.push({ ...machine, pinned: publicKey, isMade: true });
  }
  if (secrets.size > 0) await setSecrets(secrets, about);
  return made;
}

async function readPair(machine: string, secret: string, about: KeysArgs): Promise<Pair> {
  const { project, stack } = about;
  const publicKey = publicHalf(await readSecret(secret, about));
  if (publicKey !== undefined) return { publicKey };
  const key = `${project.name}:${secret}`;
  throw new UserError(
    `machines.${machine}.vm.hostKeySecret: the secret ${key} is set already, and is no Ed25519 key of OpenSSH without a ` +
      `passphrase. Nothing was changed. Name another secret there, or remove this one if nothing needs it: ` +
      renderCommand({ stack }, "pulumi", "config", "rm", key),
  );
}

/** By OpenSSH's own ssh-keygen; its files are gone before this resolves. A later run removes those of one that was killed. */
async function makePair(name: string, project: Project): Promise<Pair> {
  const { execa } = await import("execa");
  const folder = new PrivateFolder(join(project.root, ".vmstation", "tmp"));
  const file = join(folder.path, "key");
  try {
    const words = ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file];
    const made = await execa("ssh-keygen", words, { reject: false });
    if (made.failed)
      throw new UserError(`ssh-keygen makes no key: ${made.stderr || (made.shortMessage ?? "")}`);
    const [type = "", key = ""] = (await readFile(`${file}.pub`, "utf8")).split(" ");
    return { publicKey: `${type} ${key}`, privateKey: await readFile(file, "utf8") };
  } finally {
    folder.remove();
  }
}
