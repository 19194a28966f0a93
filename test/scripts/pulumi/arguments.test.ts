import assert from "node:assert/strict";
import { parsePulumiArguments, renderPulumiArguments } from "../../../scripts/kit/pulumi/arguments";
import { vmstation } from "../../support/command-line";
import { parseLine } from "./parse-line";

function render(line: string): string {
  return renderPulumiArguments(parseLine(line), "homelab", "/copy.yaml").join(" ");
}

describe("the CLI's arguments", () => {
  for (const [given, wanted] of [
    ["preview", "preview --stack homelab --config-file /copy.yaml"],
    ["up --yes --diff", "up --yes --diff --stack homelab --config-file /copy.yaml"],
    ["preview -s lab", "preview -s lab --config-file /copy.yaml"],
    ["preview --stack=lab", "preview --stack=lab --config-file /copy.yaml"],
    ["destroy", "destroy --stack homelab --config-file /copy.yaml --exclude-protected"],
    [
      "destroy --config-file x.yaml --target URN",
      "destroy --config-file x.yaml --target URN --stack homelab",
    ],
    [
      "destroy --ignore-protect",
      "destroy --ignore-protect --stack homelab --config-file /copy.yaml",
    ],
    ["stack output --show-secrets", "stack output --show-secrets --stack homelab"],
    ["stack ls", "stack ls"],
    ["config set --secret token", "config set --secret token --stack homelab"],
  ] as const) {
    it(`of "${given}" become "${wanted}"`, () => {
      assert.equal(render(given), wanted);
    });
  }

  for (const [given, stack] of [
    ["-s lab", "lab"],
    ["-slab", "lab"],
    ["-s=lab", "lab"],
    ["--stack lab", "lab"],
    ["--stack=lab", "lab"],
    ["--stack one --stack two", "two"],
    ["--diff", undefined],
    ["--suppress-outputs", undefined],
  ] as const) {
    it(`name ${stack ?? "no stack"} with ${given}`, () => {
      assert.equal(parsePulumiArguments("up", given.split(" ")).stack, stack);
    });
  }

  it("must be those of a command that the wrapper knows", async () => {
    const { status, stderr } = await vmstation("pulumi", "login");
    assert.equal(status, 2);
    assert.match(stderr, /'login' is invalid .*Allowed choices are preview, up, refresh, destroy,/);
    assert.equal((await vmstation("pulumi")).status, 2);
  });
});
