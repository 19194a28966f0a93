import assert from "node:assert/strict";
import { resolve } from "node:path";
import { ESLint } from "eslint";

const ROOT = resolve(__dirname, "../..");

/** The rules about imports need no types, which would take seconds. */
const WITHOUT_TYPES = { parserOptions: { projectService: false, project: null } };

describe("the rooms of scripts/", function () {
  this.timeout(60_000);
  let eslint: ESLint;
  before(() => {
    eslint = new ESLint({
      cwd: ROOT,
      overrideConfig: [{ files: ["**/*.ts"], languageOptions: WITHOUT_TYPES }],
      // Rules of other plugins and those that need types are not asked.
      ruleFilter: ({ ruleId }) => /no-restricted-(imports|syntax)$/.test(ruleId),
    });
  });

  async function refusals(file: string, text: string): Promise<string[]> {
    const results = await eslint.lintText(text, { filePath: resolve(ROOT, file) });
    return results.flatMap(({ messages }) => messages.map(({ message }) => message));
  }

  for (const [file, from, why] of [
    ["scripts/verbs/sleep/run.ts", "../wake/run", /A verb imports no other verb/],
    ["scripts/verbs/sleep/run.ts", "../../kit/ssh/operator", undefined],
    ["scripts/verbs/sleep/run.ts", "./command", undefined],
    ["scripts/verbs/init/inventory/ini.ts", "../../wake/run", /A verb imports no other verb/],
    ["scripts/verbs/init/inventory/ini.ts", "../look", undefined],
    ["scripts/verbs/sleep/command.ts", "../../../stacks/site", /--help has to be quick/],
    ["scripts/verbs/sleep/command.ts", "../../kit/verb/command", undefined],
    ["scripts/kit/ssh/ask.ts", "../../verbs/drift/run", /knows no verb/],
    ["scripts/kit/ssh/ask.ts", "../../engine/plan", undefined],
    ["scripts/engine/plan.ts", "../kit/terminal/style", /stack-file\/ and user-error only/],
    ["scripts/engine/plan.ts", "../verbs/plan/run", /stack-file\/ and user-error only/],
    ["scripts/engine/plan.ts", "../kit/stack-file/project", undefined],
    ["scripts/engine/plan.ts", "../kit/user-error", undefined],
    ["scripts/loader/lazy.ts", "../kit/user-error", /its own files only/],
  ] as const) {
    it(`${file} ${why === undefined ? "may" : "must not"} import ${from}`, async () => {
      const found = await refusals(file, `import { x } from "${from}";\nx();\n`);
      if (why === undefined) assert.deepEqual(found, []);
      else assert.match(found.join("\n"), why);
    });
  }

  it("a verb's run takes the Input of its own command and nothing else", async () => {
    const run = (parameter: string): string => `export async function run(${parameter}) {}\n`;
    const file = "scripts/verbs/sleep/run.ts";
    assert.match((await refusals(file, run("input: unknown"))).join(), /takes the Input/);
    assert.match((await refusals(file, run("options"))).join(), /takes the Input/);
    assert.deepEqual(await refusals(file, run("{ options }: Input")), []);
    assert.deepEqual(await refusals(file, run("")), []);
  });
});
