import assert from "node:assert/strict";
import { planSteps } from "../../../../scripts/kit/pulumi/follow/steps";
import { parseLine } from "../parse-line";

function plan(words: string): unknown {
  const steps = planSteps(parseLine(words));
  if (steps === undefined) return "the CLI's own display";
  const { preview, update, yes } = steps;
  return [preview?.join(" "), update.join(" "), yes];
}

describe("an update whose progress we show", () => {
  for (const [given, wanted] of [
    ["up", ["preview", "up --yes --skip-preview", false]],
    ["up -y", ["preview", "up --yes --skip-preview", true]],
    ["up --yes --skip-preview", [undefined, "up --yes --skip-preview", true]],
    ["up -f", [undefined, "up --yes --skip-preview", false]],
    [
      "up --diff --stack lab -t urn --message=x",
      [
        "preview --diff --stack lab -t urn --message=x",
        "up --stack lab -t urn --message=x --yes --skip-preview",
        false,
      ],
    ],
    ["up --continue-on-error", ["preview", "up --continue-on-error --yes --skip-preview", false]],
    ["destroy", ["destroy --preview-only", "destroy --yes --skip-preview", false]],
    ["refresh -y", ["refresh --preview-only", "refresh --yes --skip-preview", true]],
    ["preview", "the CLI's own display"],
    ["up --json", "the CLI's own display"],
    ["up --help", "the CLI's own display"],
    ["up --suppress-progress", "the CLI's own display"],
    ["up --attach-debugger program", "the CLI's own display"],
    ["refresh --clear-pending-creates", "the CLI's own display"],
  ] as const) {
    it(`by "${given}" goes through ${typeof wanted === "string" ? wanted : "our steps"}`, () => {
      assert.deepEqual(plan(given), wanted);
    });
  }
});
