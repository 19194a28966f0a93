/** PHC's form of an argon2id hash: parameters, salt and hash in base64 without padding. */
const ARGON2ID =
  /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}$/;

/** OWASP's least of argon2id: with less, a hash that was seen is soon guessed. */
const LEAST_MEMORY = 19_456;

/**
 * The hash as Vaultwarden takes it. Any other text it would take for the password itself, and a hash whose dollar signs
 * a shell has eaten is such a text. Nothing of it is shown.
 */
export function parseAdminToken(text: string, where: string): string {
  const hash = text.trim();
  const found = ARGON2ID.exec(hash);
  if (found === null) {
    throw new Error(
      `${where}: expected an argon2id hash, $argon2id$v=19$m=65540,t=3,p=4$SALT$HASH, in single quotes in a shell. ` +
        'Make it of a password: argon2 "$(openssl rand -base64 32)" -e -id -k 65540 -t 3 -p 4',
    );
  }
  const memory = Number(found[1]);
  if (memory < LEAST_MEMORY || Number(found[2]) < 1 || Number(found[3]) < 1) {
    throw new Error(
      `${where}: expected an argon2id hash of m=${LEAST_MEMORY} (KiB), t=1 and p=1 at least; m=${memory} is soon guessed`,
    );
  }
  return hash;
}
