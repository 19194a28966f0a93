import assert from "node:assert/strict";
import { Linter } from "eslint";
import { parser } from "typescript-eslint";
import { ROOMS, VERBS } from "../../../eslint.rooms.cjs";

const RULE = "@typescript-eslint/no-restricted-imports";

/** The same rules by ESLint's own rule, which TypeScript's is made of, so that nothing has to be compiled here. */
const config = ROOMS.map(({ files, rules }) => ({
  files,
  rules: { "no-restricted-imports": rules[RULE] },
}));

function refusals(filename: string, imported: string): string[] {
  const linter = new Linter({ cwd: "/" });
  const found = linter.verify(`import { x } from "${imported}";\n`, config, {
    filename: `/${filename}`,
  });
  return found.map(({ message }) => message);
}

describe("a room's imports", () => {
  const refused: readonly (readonly [string, string])[] = [
    ["components/power/power.ts", "../backup/backup"],
    ["components/power/power.ts", "../../stacks/site"],
    ["components/apps/jellyfin/jellyfin.ts", "../../../scripts/kit/user-error"],
    ["components/apps/jellyfin/jellyfin.ts", "../../power/power"],
    ["components/shared/units.ts", "../node/machine"],
    ["components/remote/agent/role.ts", "../../power/names"],
    ["components/remote/agent/role.ts", "../../../stacks/site"],
    ["components/versions/index.ts", "../power/names"],
    ["stacks/rules/access.ts", "../../scripts/kit/user-error"],
    ["index.ts", "./scripts/cli"],
    ["scripts/kit/ssh/ssh.ts", "../../verbs/wake/run"],
    ["scripts/kit/options.ts", "../verbs/verbs"],
    ["scripts/engine/plan.ts", "../verbs/plan/run"],
    ["scripts/engine/plan.ts", "../kit/terminal/style"],
    ["scripts/verbs/wake/command.ts", "../../../stacks/site"],
    ["scripts/verbs/wake/command.ts", "../sleep/command"],
    ["scripts/loader/lazy.ts", "../kit/user-error"],
    ["scripts/loader/lazy.ts", "../../components/versions"],
    ["scripts/verbs/wake/run.ts", "../sleep/run"],
    ["scripts/verbs/init/inventory/parse.ts", "../../trust/run"],
    ["scripts/verbs/wake/run.ts", "../../../test/support/stack"],
  ];
  for (const [file, imported] of refused) {
    it(`${file}: not ${imported}`, () => {
      assert.equal(refusals(file, imported).length, 1);
    });
  }

  const allowed: readonly (readonly [string, string])[] = [
    ["components/power/power.ts", "../shared/facts"],
    ["components/power/power.ts", "../remote/step"],
    ["components/power/power.ts", "./names"],
    ["components/apps/jellyfin/jellyfin.ts", "../frame/app"],
    ["components/remote/agent/role.ts", "../step"],
    ["stacks/cluster.ts", "../components/power/power"],
    ["scripts/kit/ssh/ssh.ts", "../../engine/urn"],
    ["scripts/engine/plan.ts", "../kit/stack-file/stack-config"],
    ["scripts/engine/plan.ts", "../kit/user-error"],
    ["scripts/verbs/wake/command.ts", "../../kit/verb/command"],
    ["scripts/verbs/wake/run.ts", "../../kit/wake/send"],
    ["scripts/verbs/wake/run.ts", "./render"],
    ["scripts/verbs/init/inventory/parse.ts", "../questions"],
    ["scripts/verbs/init/inventory/parse.ts", "../../../kit/ssh/ssh"],
    ["scripts/verbs/add-verbs.ts", "./wake/command"],
  ];
  for (const [file, imported] of allowed) {
    it(`${file}: ${imported}`, () => {
      assert.deepEqual(refusals(file, imported), []);
    });
  }
});

function verbRefusals(filename: string, text: string): string[] {
  const config = VERBS.map((each) => ({ ...each, languageOptions: { parser } }));
  const found = new Linter({ cwd: "/" }).verify(text, config, { filename: `/${filename}` });
  return found.map(({ message }) => message);
}

describe("a verb's run", () => {
  for (const [parameter, refused] of [
    ["input: unknown", 1],
    ["options", 1],
    ["{ options }: Input", 0],
    ["", 0],
  ] as const) {
    it(`${refused === 0 ? "may" : "must not"} take (${parameter})`, () => {
      const text = `export async function run(${parameter}) {}\n`;
      assert.equal(verbRefusals("scripts/verbs/wake/run.ts", text).length, refused);
    });
  }
});

describe("what a verb writes", () => {
  const refused = [
    'process.stdout.write("nothing was pinned\\n")',
    "process.stderr.write(`${name}: up\\n`)",
    'writeProgress(ok ? "done" : "failed")',
    'process.stdout.write(results.map(() => "up").join(""))',
    'console.log("done")',
  ];
  const allowed = [
    "process.stdout.write(renderWoken(woken, wait))",
    "process.stdout.write(`${line}\\n`)",
    "process.stderr.write(chunk)",
    "writeProgress(renderPlan(plan))",
    'throw new UserError("There is no machine.")',
  ];
  for (const file of ["scripts/verbs/wake/run.ts", "scripts/verbs/init/inventory/parse.ts"]) {
    it(`has no words of ${file}`, () => {
      for (const line of refused) assert.ok(verbRefusals(file, line).length > 0, line);
    });

    it(`may be rendered or passed on by ${file}`, () => {
      for (const line of allowed) assert.deepEqual(verbRefusals(file, line), [], line);
    });
  }
});
