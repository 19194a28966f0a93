import { readFileSync } from "node:fs";
import path from "node:path";
import type { Check } from "./check";
import { ROOT } from "./files";

/** Words that readers who learned English at work look up, and the usual word for each. */
export const UNUSUAL: readonly (readonly [word: RegExp, instead: string])[] = [
  [/\bunless told\b/gi, 'default, as in "default: 100"'],
  [/\banew\b/gi, "again"],
  [/\bstrikes? the eye\b/gi, "is found"],
  [/\b(?:it is|they are) content\b/gi, "lists no mistake, or: accepts it"],
  [/\bonce more\b/gi, "again"],
  [/\b(?:is|are|be) taken up\b|\btaken up again\b/gi, "continued"],
  [/\bwhoever(?!')\b/gi, "anybody who, or: no matter who"],
  [/\ball the same\b/gi, "anyway"],
  [/\bfor good\b/gi, "permanently"],
  [/\blets? go of\b/gi, "releases"],
  [/\b(?:lets? itself|let themselves) be\b/gi, "can be"],
  [/\bat hand\b/gi, "available"],
  [/\bin the midst of\b/gi, "in the middle of"],
  [/\bcan put right\b/gi, "can fix"],
  [/\b(?:is|are|be) of no (?:matter|avail|use)\b/gi, "does not matter, or: useless"],
  [
    /\b(?:beforehand|henceforth|hereby|thereby|therein|thereof|hence|thus)\b/gi,
    "a shorter sentence",
  ],
  [/\b(?:whilst|amongst|albeit|lest|upon|notwithstanding)\b/gi, "while, among, although, on"],
  [/\bdo(?:es|ing)? away with\b/gi, "remove"],
];

/** Where the words themselves are named. */
const NAMED_HERE = ["test/static/words.ts", "test/unit/static/words.test.ts", "CONTRIBUTING.md"];

const isText = (file: string): boolean =>
  /\.(?:ts|cjs|mjs|py|sh|md)$/.test(file) && !NAMED_HERE.includes(file);

/** "12: anew; usual: again" for each unusual word of a text. */
export function unusualWords(text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, index) =>
      UNUSUAL.flatMap(([word, instead]) =>
        [...line.matchAll(word)].map(([found]) => `${index + 1}: ${found}; usual: ${instead}`),
      ),
    );
}

/** Plain words: help, errors, documents, comments and the names of tests. */
export const words: Check = {
  name: "plain words",
  run: (files) => {
    const faults = files
      .filter(isText)
      .flatMap((file) =>
        unusualWords(readFileSync(path.join(ROOT, file), "utf8")).map(
          (found) => `${file}:${found}`,
        ),
      );
    return Promise.resolve({ faults: faults.join("\n") });
  },
};
