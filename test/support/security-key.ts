import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/** In Debian's package openssh-tests: OpenSSH's own stand-in for a FIDO token, whose keys are real ones. */
const DUMMY = "usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so";

/** Where `.ci/run` unpacks it. */
const CACHE = process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache");

/** Stands for a FIDO token; undefined where it is not there. */
export function findToken(): string | undefined {
  return ["/", path.join(CACHE, "vmstation/openssh-tests")]
    .map((root) => path.join(root, DUMMY))
    .find(existsSync);
}

/** Makes a key that only the token can sign with, as `ssh-keygen -t ed25519-sk` does. */
export function makeTokenKey(token: string, file: string): void {
  const args = ["-q", "-t", "ed25519-sk", "-N", "", "-C", path.basename(file), "-f", file];
  execFileSync("ssh-keygen", args, { env: { ...process.env, SSH_SK_PROVIDER: token } });
}
