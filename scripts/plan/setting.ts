import { parse, YAMLParseError } from "yaml";
import { UserError } from "../user-error";
import { isMap, type StackConfig } from "./stack-config";

/** A what-if: the value at a path of the configuration, its first step naming the top-level key. */
export interface Setting {
  path: string[];
  value: unknown;
}

/** Parses `layer.key=VALUE`; list items are `[0]` or `.0`, and the value is YAML. */
export function parseSetting(text: string): Setting {
  const separator = text.indexOf("=");
  const path = separator < 0 ? "" : text.slice(0, separator).trim();
  if (!/^[\w-]+(?:\.[\w-]+|\[\d+\])*$/.test(path)) {
    throw new UserError(
      `--set ${text}: write it as layer.key=VALUE, for example power.idleAfter=3h.`,
    );
  }
  try {
    const value: unknown = parse(text.slice(separator + 1));
    return { path: path.replaceAll(/\[(\d+)\]/g, ".$1").split("."), value };
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
      throw new UserError(`--set ${below}: ${at} is a list of ${String(items.length)} items.`);
    }
    items[index] = withValue(items[index], rest, value, below);
    return items;
  }
  if (target === undefined || target === null)
    return { [step]: withValue(undefined, rest, value, below) };
  if (!isMap(target) || typeof target.secure === "string") {
    throw new UserError(`--set ${below}: ${at} is a single value and has nothing below it.`);
  }
  return { ...target, [step]: withValue(target[step], rest, value, below) };
}
