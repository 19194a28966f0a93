import { createHash } from "node:crypto";

const HOST_KEY = /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*$/;

/** Whether `text` is a public host key: its type, a space, its base64. */
export function isHostKey(text: string): boolean {
  return HOST_KEY.test(text);
}

/** A public key's fingerprint as OpenSSH prints it: "SHA256:…" and the type. */
export function fingerprint(key: string): string {
  const [type = "", base64 = ""] = key.split(" ");
  const digest = createHash("sha256").update(Buffer.from(base64, "base64")).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")} (${type})`;
}

// Ed25519 first: short, and the one that every sshd of the supported systems has.
export const PREFERENCE = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
];

/** The key to pin, of those that `ssh-keyscan` printed; undefined where it printed none. */
export function parseKeyscan(output: string): string | undefined {
  const keys = output
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim().split(/\s+/).slice(1, 3).join(" "))
    .filter(isHostKey);
  const rank = (key: string): number => PREFERENCE.indexOf(key.split(" ")[0] ?? "");
  return keys.sort((a, b) => rank(a) - rank(b))[0];
}
