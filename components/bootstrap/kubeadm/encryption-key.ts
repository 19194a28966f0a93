import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { KEY_NAME } from "../former-key";

/** Characters, each of 62: more chance than the 32 bytes that are made of them have. */
const LENGTH = 64;

/**
 * The key by which Secrets are encrypted in etcd, as base64; a secret. Losing it loses every Secret, so it is protected, and
 * no change of the program makes another one. A RandomBytes would have it as its ID as well, which stands in the state as it
 * is.
 */
export function createEncryptionKey(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  const password = new random.RandomPassword(
    `${name}${KEY_NAME}`,
    { length: LENGTH, special: false },
    // One that was carried over from an earlier version has another length.
    { parent, protect: true, ignoreChanges: ["length", "special"] },
  );
  return pulumi.secret(password.result).apply(toSecretboxKey);
}

const MADE = new RegExp(`^[A-Za-z0-9]{${LENGTH}}$`);

/**
 * The 32 bytes that secretbox takes, as base64, from what the state holds: their base64 itself, which an earlier version
 * made, or the 64 characters that are made today. Throws for anything else, which it does not show.
 */
export function toSecretboxKey(text: string): string {
  if (MADE.test(text)) return createHash("sha256").update(text).digest("base64");
  const bytes = Buffer.from(text, "base64");
  if (bytes.length === 32 && bytes.toString("base64") === text) return text;
  throw new Error(
    "The key by which Secrets are encrypted is no such key: it has neither the form of this version nor that of an " +
      "earlier one. Bring the stack's state back from its backup, see docs/updating.md",
  );
}
