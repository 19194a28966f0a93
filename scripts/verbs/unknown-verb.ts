import { closest, distance } from "fastest-levenshtein";
import { renderCommand } from "../kit/advice";
import { UserError } from "../kit/user-error";
import { PARENTS, VERBS } from "./verbs";

/** Words by which other programs call what a verb does. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ apply: "up", deploy: "up", update: "up", upgrade: "up", install: "up", sync: "up" },
    ...{ diff: "preview", show: "plan", draw: "graph", explain: "config" },
    ...{ uninstall: "destroy", teardown: "destroy", undo: "destroy" },
    ...{ create: "init", new: "init", import: "init", add: "init" },
    ...{ list: "status", ls: "status", ps: "status", get: "status", info: "status", top: "status" },
    ...{ doctor: "preflight", check: "validate", test: "validate", verify: "validate" },
    ...{ fix: "drift", heal: "drift", repair: "remedy", support: "diagnose", journal: "logs" },
    ...{
      shell: "ssh",
      login: "ssh",
      exec: "ssh",
      delete: "forget",
      remove: "forget",
      rm: "forget",
    },
    ...{ start: "spin-up", stop: "spin-down", shutdown: "spin-down", poweroff: "spin-down" },
    ...{ suspend: "sleep", resume: "wake", wol: "wake", poweron: "wake" },
    ...{ stack: "pulumi stack", cancel: "pulumi cancel", state: "pulumi state" },
  }),
);

/** The verb that is called, null where none is; refuses a word that is no verb, with the one that was probably meant. */
export function requireVerb(words: readonly string[]): string | null {
  const { first, second } = findVerb(words);
  if (first === undefined || first === "help") return null;
  const all = Object.values(VERBS).flatMap((verbs) => Object.keys(verbs));
  const firsts = [...new Set(all.map((verb) => verb.split(" ")[0] ?? verb))];
  if (!firsts.includes(first)) throw new UserError(renderUnknown(first, firsts));
  if (PARENTS[first] === undefined) return first;
  if (second === undefined || second.startsWith("-")) return null;
  const below = all.filter((verb) => verb.startsWith(`${first} `));
  const whole = `${first} ${second}`;
  if (second === "help") return null;
  if (!below.includes(whole)) throw new UserError(renderUnknown(whole, below));
  return whole;
}

/** The first two words that are neither an option of `vmstation` itself nor its value. */
function findVerb(words: readonly string[]): { first?: string; second?: string } {
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (/^(-C|--cwd|-s|--stack)$/.test(word)) index++;
    else if (!word.startsWith("-")) {
      const second = words[index + 1];
      return second === undefined ? { first: word } : { first: word, second };
    }
  }
  return {};
}

function renderUnknown(word: string, known: readonly string[]): string {
  const guess = ELSEWHERE.get(word) ?? guessFrom(word, known);
  const lines = [
    ...(guess === undefined
      ? []
      : [`Did you mean ${guess}? ${renderCommand({}, ...guess.split(" "), "--help")}`]),
    `All verbs: ${renderCommand({}, "--help")}`,
  ];
  return [`There is no verb ${JSON.stringify(word)}.`, ...lines].join("\n");
}

/** The nearest verb, unless it has hardly a letter in common. */
function guessFrom(word: string, known: readonly string[]): string | undefined {
  const near = closest(word, [...known]);
  return distance(word, near) <= Math.max(1, Math.floor(word.length / 2)) ? near : undefined;
}
