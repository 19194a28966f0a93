import { renderCommand } from "../../kit/advice";
import type { z } from "zod";
import type { Style } from "../../kit/terminal/style";
import { UserError } from "../../kit/user-error";
import { listRows, readSchema, type Row, type Schema } from "./rows";

/** A part of the configuration: one layer, or a key in it and what is below it. */
interface Part {
  readonly about: string;
  readonly rows: readonly Row[];
}

/**
 * Explains a layer ("machines") or a key of one ("machines.NAME.mounts"), as `kubectl explain` does. Throws UserError
 * where there is no such key.
 */
export function renderExplanation(schema: z.ZodType, path: string, style: Style): string {
  const { about, rows } = findPart(readSchema(schema), path);
  const lines = rows.flatMap(({ key, value, about: text, kind, required }) => [
    `${style.bold(key)}${kind === "" ? "" : ` <${kind}>`}${required ? " required" : ""}`,
    ...style.hang("    ", [plain(value), text].filter((each) => each !== "").join(". ")),
  ]);
  const title = style.bold(`vmstation:${path}`);
  return [title, ...(about === "" ? [] : style.hang("    ", about)), "", ...lines, ""].join("\n");
}

/** Every key as a program reads it, below `path` where one is given. */
export function listKeys(schema: z.ZodType, path?: string): object[] {
  const root = readSchema(schema);
  const paths = path === undefined ? Object.keys(root.properties ?? {}) : [path];
  return paths.flatMap((each) => {
    const layer = each.replace(/^vmstation:/, "").split(".")[0] ?? "";
    return findPart(root, each).rows.map(({ key, value, about }) => {
      return { key: `vmstation:${layer}.${key}`, accepted: plain(value), about: plain(about) };
    });
  });
}

function findPart(root: Schema, path: string): Part {
  const [layer = "", ...keys] = path.replace(/^vmstation:/, "").split(".");
  const layers = root.properties ?? {};
  const found = layers[layer];
  if (found === undefined) {
    throw new UserError(
      `There is no key vmstation:${layer}.\n  to do: name one of ${Object.keys(layers).join(", ")}`,
    );
  }
  const all = listRows("", found).filter(({ key }) => key !== "");
  if (keys.length === 0) return { about: found.description ?? "", rows: all };
  const wanted = keys.join(".");
  const rows = all.filter(({ key }) => key === wanted || key.startsWith(`${wanted}.`));
  if (rows.length === 0) {
    const known = all.map(({ key }) => key.split(".")[0] ?? "");
    throw new UserError(
      `There is no key vmstation:${layer}.${wanted}.\n  to do: ${renderCommand({}, "config", layer)}\n  Its keys begin with ${[...new Set(known)].join(", ")}`,
    );
  }
  return { about: "", rows };
}

/** Markdown's marks for code mean nothing on a terminal. */
function plain(text: string): string {
  return text.replaceAll("`", "");
}
