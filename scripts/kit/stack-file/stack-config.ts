import { join } from "node:path";
import { EXIT, UserError } from "../user-error";
import type { DuplicateKey } from "./duplicate-keys";
import { SECRET_TEXT } from "../../engine/inspect";
import { type Project, readOptional } from "./project";
import { renderNoStack } from "./stacks";
import { parseYamlFile } from "./yaml-file";

/** A stack's configuration as the language host passes it on. */
export interface ProgramConfig {
  /** By `namespace:config:name`; a map or list is a JSON string. */
  values: Record<string, string>;
  /** `namespace:name` of every value that is, or contains, a secret. */
  secretKeys: string[];
}

/** A stack's configuration as written, by `namespace:name`. */
export type StackConfig = Map<string, unknown>;

/** The name under which mistakes in a stack's configuration are told: the stack's own file, or the one named instead. */
export function nameStackFile(stack: string, file?: string): string {
  return file ?? `Pulumi.${stack}.yaml`;
}

/** Reads the stack's file, and below it the project's own `config`. See parseYamlFile for `onDuplicate`. */
export function loadStackConfig(
  project: Project,
  stack: string,
  file?: string,
  onDuplicate?: (duplicate: DuplicateKey) => void,
): StackConfig {
  const name = nameStackFile(stack, file);
  const path = file ?? join(project.configFolder, name);
  const text = readOptional(path);
  if (text === undefined) throw new UserError(renderNoStack(project, stack, path));
  const config: StackConfig = new Map();
  for (const [key, value] of Object.entries(project.config)) {
    const fallback = projectDefault(value);
    if (fallback !== undefined) config.set(qualify(project.name, key), fallback);
  }
  const content = parseYamlFile(name, text, onDuplicate);
  if (!isMap(content)) throw new UserError(`${path} must be a map with the key config.`, EXIT.fail);
  const own = content.config ?? {};
  if (!isMap(own))
    throw new UserError(
      `${path}: config must be a map with keys such as vmstation:machines.`,
      EXIT.fail,
    );
  for (const [key, value] of Object.entries(own)) config.set(qualify(project.name, key), value);
  return config;
}

/** A key of Pulumi.yaml is either a value or a declaration that may hold one. */
function projectDefault(value: unknown): unknown {
  return isMap(value) ? (value.value ?? value.default) : value;
}

/** Keys without a namespace are the project's; `a:config:b` is an old spelling of `a:b`. */
function qualify(project: string, key: string): string {
  const [first = "", ...rest] = key.split(":");
  if (rest.length === 0) return `${project}:${key}`;
  return `${first}:${(rest[0] === "config" && rest.length > 1 ? rest.slice(1) : rest).join(":")}`;
}

/**
 * The form in which the program gets it. What is encrypted cannot be read without the stack's
 * passphrase, so in its place stands a marker, which is a secret as well.
 */
export function renderProgramConfig(config: StackConfig): ProgramConfig {
  const values: Record<string, string> = {};
  const secretKeys: string[] = [];
  for (const [key, value] of config) {
    const readable = withoutCiphertext(value);
    if (readable.hasSecret) secretKeys.push(key);
    values[key.replace(":", ":config:")] = renderValue(readable.value);
  }
  return { values, secretKeys };
}

function renderValue(value: unknown): string {
  if (typeof value === "string") return value;
  return value === null ? "" : JSON.stringify(withSortedKeys(value));
}

/** The CLI sorts keys as well; a program that depended on the file's order would see that here. */
function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (!isMap(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, withSortedKeys(value[key])]));
}

/** Replaces each `{ secure: CIPHERTEXT }`. One of them makes the whole of its key a secret. */
function withoutCiphertext(value: unknown): { value: unknown; hasSecret: boolean } {
  if (Array.isArray(value)) {
    const items = value.map(withoutCiphertext);
    return { value: items.map((item) => item.value), hasSecret: items.some((i) => i.hasSecret) };
  }
  if (!isMap(value)) return { value, hasSecret: false };
  if (Object.keys(value).length === 1 && typeof value.secure === "string") {
    return { value: SECRET_TEXT, hasSecret: true };
  }
  const entries = Object.entries(value).map(
    ([key, item]) => [key, withoutCiphertext(item)] as const,
  );
  return {
    value: Object.fromEntries(entries.map(([key, item]) => [key, item.value])),
    hasSecret: entries.some(([, item]) => item.hasSecret),
  };
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
