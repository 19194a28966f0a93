import assert from "node:assert/strict";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { listVerbs } from "./list-verbs";

/** Verbs that only look, or write the one file that they are asked for. */
const LOOKING = [
  ...["plan", "config", "graph", "preflight", "validate", "logs", "diagnose"],
  ...["bootstrap plan", "bootstrap log", "preview", "status", "completion"],
  ...["mirror list", "mirror verify", "mirror serve", "app list"],
];

/** What is typed there is another program's: Pulumi has its own preview, a shell its own commands. */
const OTHERS = ["pulumi", "ssh"];

/** What they print is another program's. */
const WITHOUT_JSON = OTHERS;

describe("each verb", () => {
  const verbs = listVerbs();
  const has = (verb: CommandUnknownOpts, flag: string): boolean =>
    verb.options.some(({ long }) => long === flag);

  it("is known to what is said of them here", () => {
    for (const name of [...LOOKING, ...OTHERS, ...WITHOUT_JSON]) assert.ok(verbs.has(name), name);
  });

  for (const [name, verb] of verbs) {
    it(`${name} shows examples of itself in its help`, () => {
      let help = "";
      verb.configureOutput({ writeOut: (text) => (help += text) });
      verb.outputHelp();
      assert.match(help, new RegExp(`\\nExamples:\\n  .*vmstation ${name}`), help);
    });
  }

  for (const [name, verb] of verbs) {
    if (LOOKING.includes(name) || OTHERS.includes(name)) continue;
    it(`${name} changes something, and has --dry-run`, () => {
      assert.ok(has(verb, "--dry-run"));
    });
  }

  for (const [name, verb] of verbs) {
    if (WITHOUT_JSON.includes(name)) continue;
    it(`${name} has --json`, () => {
      assert.ok(has(verb, "--json"));
    });
  }
});
