import type { Problem } from "../../shared/problem";

/** PHC's form of an argon2id hash: parameters, salt and hash in base64 without padding. */
const ARGON2ID =
  /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}$/;

/** OWASP's least of argon2id: with less, a hash that was seen is soon guessed. */
const LEAST_MEMORY = 19_456;

const ACCEPTED =
  "an argon2id hash, $argon2id$v=19$m=65540,t=3,p=4$SALT$HASH, in single quotes in a shell. " +
  'Make it of a password: argon2 "$(openssl rand -base64 32)" -e -id -k 65540 -t 3 -p 4';

/**
 * What is wrong with the hash; undefined where Vaultwarden takes it as one. Any other text it would take for the password
 * itself, and a hash whose dollar signs a shell has eaten is such a text. Nothing of it is shown.
 */
export function judgeAdminToken(text: string): Omit<Problem, "path"> | undefined {
  const found = ARGON2ID.exec(text.trim());
  if (found === null) return { found: "something else than a hash", accepted: ACCEPTED };
  const [memory, passes, lanes] = [Number(found[1]), Number(found[2]), Number(found[3])];
  if (memory >= LEAST_MEMORY && passes >= 1 && lanes >= 1) return undefined;
  return {
    found: `a hash of m=${memory}, t=${passes} and p=${lanes}, which is soon guessed`,
    accepted: `an argon2id hash of m=${LEAST_MEMORY} (KiB), t=1 and p=1 at least`,
  };
}

/** The hash as Vaultwarden takes it. Throws where it is none. `where` names the secret. */
export function parseAdminToken(text: string, where: string): string {
  const problem = judgeAdminToken(text);
  if (problem === undefined) return text.trim();
  throw new Error(`${where}: ${problem.found}; expected ${problem.accepted}`);
}
