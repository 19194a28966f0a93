import { parse, YAMLParseError } from "yaml";
import { UserError } from "../user-error";
import { isMap, type StackConfig } from "./stack-config";

/** A what-if: the value at a path of the configuration, its first step naming the top-level key. */
export interface Setting {
  path: string[];
  value: unknown;
}

const STEP = /(?:^|\.)([\w-]+)|\[(\d+)\]|\["([^"]+)"\]/g;

/**
 * Parses `layer.key=VALUE`; list items are `[0]` or `.0`, a key with other characters is `["/srv/media"]`, and the
 * value is YAML.
 */
export function parseSetting(text: string): Setting {
  const [written = ""] =
    /^[\w-]+(?:\.[\w-]+|\[\d+\]|\["[^"]+"\])*\s*(?==)/.exec(text.trimStart()) ?? [];
  const path = written.trim();
  if (path === "") {
    throw new UserError(
      `--set ${text}: it must have the form layer.key=VALUE, such as power.idleAfter=3h.`,
    );
  }
  try {
    const value: unknown = parse(text.trimStart().slice(written.length + 1));
    return { path: [...path.matchAll(STEP)].map(([, ...keys]) => keys.join("")), value };
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new UserError(
      `--set ${text}: the value is not YAML: ${error.message.split("\n")[0] ?? ""}`,
    );
  }
}

/** Puts the value into the configuration in memory; maps on the way are made where they are missing. */
export function applySetting(config: StackConfig, namespace: string, setting: Setting): void {
  const [layer = "", ...steps] = setting.path;
  const key = `${namespace}:${layer}`;
  config.set(key, withValue(config.get(key), steps, setting.value, layer));
}

function withValue(target: unknown, steps: string[], value: unknown, at: string): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  const below = `${at}.${step}`;
  if (Array.isArray(target)) {
    const items = Array.from<unknown>(target);
    const index = /^\d+$/.test(step) ? Number(step) : Number.NaN;
    if (!(index <= items.length)) {
      throw new UserError(
        `--set ${below}: ${at} is a list with ${String(items.length)} items, and this one is not among them.`,
      );
    }
    items[index] = withValue(items[index], rest, value, below);
    return items;
  }
  if (target === undefined || target === null)
    return { [step]: withValue(undefined, rest, value, below) };
  if (!isMap(target) || typeof target.secure === "string") {
    throw new UserError(`--set ${below}: ${at} is a single value, so it has no keys.`);
  }
  return { ...target, [step]: withValue(target[step], rest, value, below) };
}
