import { existsSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { EXIT, UserError } from "../../../kit/user-error";
import type { InventoryData } from "./data";
import { readIni } from "./ini";
import { howToConvert, listNames, readText } from "./text-file";
import { isFilled, isValueMap, show, typeOf, type Value } from "./values";
import { readYamlGroups } from "./yaml";
import { readYaml } from "./yaml-text";

const YAML = [".yml", ".yaml", ".json"];

/** What Ansible leaves out of a folder of inventories. */
const IGNORED =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry)|~)$/;

/** Reads one inventory, or a folder of them in the order of their names. */
export function readSource(path: string, data: InventoryData, withoutVault: boolean): void {
  if (!existsSync(path)) throw new UserError(`There is no ${path}.`);
  if (!statSync(path).isDirectory()) {
    const text = readText(path, withoutVault);
    if (text !== undefined) readInventoryText(path, text, data);
    return;
  }
  for (const name of listNames(path)) {
    const inside = join(path, name);
    if (!IGNORED.test(name)) readSource(inside, data, withoutVault);
    else if (/\.(?:ini|cfg)$/.test(name)) {
      const what = "is not read: Ansible leaves .ini and .cfg out of a folder";
      data.remarks.push(`${inside} ${what}; --from ${inside} reads it alone`);
    }
  }
}

function readInventoryText(file: string, text: string, data: InventoryData): void {
  if (text.startsWith("#!")) {
    throw new UserError(
      `${file} is a program that prints an inventory. Programs are not run. ${howToConvert(file)}`,
    );
  }
  if (extname(file) === ".toml") {
    throw new UserError(`${file} is a TOML file, which cannot be read. ${howToConvert(file)}`);
  }
  const asYaml = isYamlName(file) ? tryYaml(file, text, data) : undefined;
  if (asYaml === "read") return;
  readAsIni(file, text, data, asYaml);
}

function isYamlName(file: string): boolean {
  return [...YAML, ""].includes(extname(file));
}

/** What keeps the file from being a YAML inventory; a mistake in one is thrown. */
function tryYaml(file: string, text: string, data: InventoryData): "read" | UserError {
  let content: Value;
  try {
    content = readYaml(file, text);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  if (!isValueMap(content) || content.size === 0) {
    return new UserError(
      `${file} is not an inventory: it must be a map of groups, found ${typeOf(content)}.`,
      EXIT.fail,
    );
  }
  const plugin = content.get("plugin") ?? null;
  if (isFilled(plugin)) {
    throw new UserError(
      `${file} configures the inventory plugin ${show(plugin)}. Plugins are not run. ${howToConvert(file)}`,
    );
  }
  readYamlGroups(file, content, data);
  return "read";
}

function readAsIni(
  file: string,
  text: string,
  data: InventoryData,
  yamlError: UserError | undefined,
): void {
  if (text.startsWith("\ufeff")) {
    throw new UserError(
      `${file} begins with a byte-order mark. Ansible reads it as a part of the first line. ` +
        "Save the file as UTF-8 without it.",
      EXIT.fail,
    );
  }
  try {
    readIni(file, text, data);
  } catch (error) {
    const isMeantAsYaml = YAML.includes(extname(file)) || /^(?:---|all:)/m.test(text);
    throw isMeantAsYaml && yamlError !== undefined ? yamlError : error;
  }
}
