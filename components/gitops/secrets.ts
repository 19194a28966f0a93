const BEGIN = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END = "-----END OPENSSH PRIVATE KEY-----";

/** A private key as SSH reads it: with its last line's end, without which it is none. Nothing of it is shown. */
export function parseDeployKey(text: string, where: string): string {
  const lines = text.trim().split(/\r?\n/);
  const body = lines.slice(1, -1).join("");
  if (lines[0] !== BEGIN || lines.at(-1) !== END || !/^[A-Za-z0-9+/=]+$/.test(body)) {
    throw new Error(
      `${where}: expected the whole file of a private key, from ${BEGIN} on: ssh-keygen -t ed25519 -N '' -f deploy-key`,
    );
  }
  // The name of the function that makes a key of a passphrase; "none" stands there without one.
  if (Buffer.from(body, "base64").includes("bcrypt")) {
    throw new Error(`${where}: expected a key without a passphrase: nobody is there to enter it`);
  }
  return `${lines.join("\n")}\n`;
}

/** The file that age-keygen writes, or its line alone. Nothing of it is shown. */
export function parseAgeKey(text: string, where: string): string {
  const lines = text.trim().split(/\r?\n/);
  const keys = lines.filter((line) => line.trim() !== "" && !line.startsWith("#"));
  if (keys.length === 0 || !keys.every((line) => /^AGE-SECRET-KEY-1[0-9A-Z]{58}$/.test(line))) {
    throw new Error(`${where}: expected an age key, AGE-SECRET-KEY-1…, as age-keygen writes it`);
  }
  return `${lines.join("\n")}\n`;
}
