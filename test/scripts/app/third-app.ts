import * as fs from "node:fs";
import * as path from "node:path";

const DOCS = path.join(__dirname, "../../../docs");

/** The stack of which docs/apps.md speaks. */
export const EXAMPLE = path.join(DOCS, "examples/Pulumi.usual.yaml");

export interface ThirdApp {
  /** The commands, in turn: the words after `npx vmstation`. */
  readonly words: readonly (readonly string[])[];
  /** What the first one writes. */
  readonly block: string;
}

/** What docs/apps.md says of adding an app of one's own. Throws where something else than our commands is to be typed. */
export function readThirdApp(): ThirdApp {
  const text = fs.readFileSync(path.join(DOCS, "apps.md"), "utf8");
  const [, section = ""] = /^## An app of your own\n([^]*?)^## /m.exec(text) ?? [];
  const [block = ""] = blocksOf(section, "yaml");
  const lines = blocksOf(section, "sh").flatMap((each) => each.trimEnd().split("\n"));
  return { words: lines.map(wordsOf), block };
}

function wordsOf(line: string): string[] {
  const [npx, vmstation, ...words] = line.split(" ");
  if (npx !== "npx" || vmstation !== "vmstation") throw new Error(`not a command of ours: ${line}`);
  return words;
}

/** Blocks of one language in the section, without their indentation. */
function blocksOf(section: string, language: string): string[] {
  const found = section.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([^]*?)^ *\`\`\`$`, "gm"));
  return [...found].map(([, indent = "", text = ""]) =>
    text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  );
}
