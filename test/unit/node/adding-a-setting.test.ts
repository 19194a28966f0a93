import assert from "node:assert/strict";
import * as path from "node:path";
import { z } from "zod";
import type { Change } from "../../support/homelab";
import { AddedProgram } from "../../support/added-program";

const FIXTURE = path.join(__dirname, "../../support/fixtures/node/banner-step.ts.txt");

const file = z.object({ path: z.string(), content: z.string() });
const work = z.array(
  z.object({
    independent: z.array(z.string()).optional(),
    steps: z.array(z.object({ name: z.string(), files: z.array(file).optional() })).optional(),
  }),
);
const stepsModule = z.object({
  nodeSteps: z.custom<(machine: unknown, context: unknown) => unknown>(
    (f) => typeof f === "function",
  ),
});
const contextModule = z.object({
  nodeContextOf: z.custom<(site: unknown) => { machines: unknown[] }>(
    (f) => typeof f === "function",
  ),
});
const siteModule = z.object({
  homelabSite: z.custom<(...changes: readonly Change[]) => unknown>((f) => typeof f === "function"),
});

describe("a setting of the machines that was added as CONTRIBUTING says", function () {
  this.timeout(60_000);
  let program: AddedProgram;
  before(() => {
    program = new AddedProgram();
    program.add(FIXTURE, "components/node/banner-step.ts");
    program.follow("Adding a setting of the machines");
  });
  after(() => {
    program.remove();
  });

  it("touches three files", () => {
    assert.deepEqual(program.changes(), [
      "+ components/node/banner-step.ts",
      "M components/node/config.ts",
      "M components/node/steps.ts",
    ]);
  });

  function stepOf(...changes: readonly Change[]): { path: string; content: string }[] {
    const { homelabSite } = siteModule.parse(program.load("test/support/site"));
    const { nodeContextOf } = contextModule.parse(program.load("stacks/node-context"));
    const { nodeSteps } = stepsModule.parse(program.load("components/node/steps"));
    const context = nodeContextOf(homelabSite(...changes));
    const [system] = work.parse(nodeSteps(context.machines[0], context));
    assert.equal(system?.independent?.includes("banner"), true);
    return system.steps?.find(({ name }) => name === "banner")?.files ?? [];
  }

  it("reaches every machine, and takes its file away where it is not set", () => {
    const [banner] = stepOf([["node", "banner"], "be nice"]);
    assert.deepEqual(banner?.path, "/etc/motd.d/vmstation");
    assert.match(banner.content, /^be nice$/m);
    assert.deepEqual(stepOf(), []);
  });

  it("is checked in the user's words", () => {
    assert.throws(
      () => stepOf([["node", "banner"], "two\nlines"]),
      /one line of 78 plain characters/,
    );
  });
});
