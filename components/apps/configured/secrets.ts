import { isRecord, listAt, textAt } from "./objects";

/** Names of keys whose values are secrets. What ends in Name, Key, Ref or Secret names one, and is none. */
const SECRET_KEY = /(password|passwd|passphrase|token|api[-_]?key|private[-_]?key|credentials?)$/i;

/** Keys that name a Secret, or a key in one. */
const REFERENCE = /^(existing|use|external)|secret$/i;

/** Values that are secrets whatever their key is. */
const SECRET_VALUE = /-----BEGIN [A-Z ]*PRIVATE KEY-----|:\/\/[^/\s:@]+:[^/\s@]+@/;

/** Paths of the values that look like secrets: "auth.adminPassword", "env[DB_PASSWORD]". */
export function findSecrets(value: unknown, prefix = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => findSecrets(item, `${prefix}[${i}]`));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    if (key === "valueFrom" || key === "secretKeyRef") return [];
    if (Array.isArray(inner)) return findSecretEnv(value, key, path);
    if (isSecret(key, inner)) return [path];
    return findSecrets(inner, path);
  });
}

/** A list of variables: names, and values beside them. */
function findSecretEnv(value: unknown, key: string, path: string): string[] {
  const variables = listAt(value, key);
  const named = variables.flatMap((variable) => {
    const name = textAt(variable, "name");
    return name !== undefined && isSecret(name, variable.value) ? [`${path}[${name}]`] : [];
  });
  const inner = isRecord(value) ? value[key] : undefined;
  return named.length > 0 ? named : findSecrets(inner, path);
}

function isSecret(key: string, value: unknown): boolean {
  if (typeof value !== "string" && typeof value !== "number") return false;
  const text = String(value);
  // A template, or nothing: what stands there is put in elsewhere.
  if (/^(|true|false)$/.test(text) || /^\$[({]/.test(text)) return false;
  if (SECRET_VALUE.test(text)) return true;
  return SECRET_KEY.test(key) && !REFERENCE.test(key);
}
