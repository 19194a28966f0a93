import assert from "node:assert/strict";
import * as path from "node:path";
import { z } from "zod";
import { AddedProgram, readSteps } from "../support/added-program";
import { type Ran, runWith } from "../support/command-line";

const REGISTRY = "scripts/verbs/verbs.ts";
const FIXTURE = path.join(__dirname, "../support/fixtures/verbs/inventory");

const commandLine = z.object({
  runCommandLine: z.custom<(words: readonly string[]) => Promise<void>>(
    (f) => typeof f === "function",
  ),
});

describe("a verb that was added as CONTRIBUTING says", function () {
  this.timeout(60_000);
  let program: AddedProgram;
  before(() => {
    program = new AddedProgram(["scripts", "Pulumi.yaml"]);
    const steps = readSteps("Adding a verb");
    assert.deepEqual([...steps.keys()], [REGISTRY]);
    program.add(FIXTURE, "scripts/verbs/inventory");
    for (const line of steps.get(REGISTRY) ?? []) program.addLine(REGISTRY, line);
  });
  after(() => {
    program.remove();
  });

  function vmstation(...words: string[]): Promise<Ran> {
    const { runCommandLine } = commandLine.parse(program.load("scripts/command-line"));
    return runWith(runCommandLine, ["-C", program.root, ...words]);
  }

  it("is its folder and a line in the registry", () => {
    assert.deepEqual(program.changes(), [
      "+ scripts/verbs/inventory/command.ts",
      "+ scripts/verbs/inventory/render.ts",
      "+ scripts/verbs/inventory/run.ts",
      "M scripts/verbs/verbs.ts",
    ]);
  });

  it("is in the help, and shows its defaults and choices in its own", async () => {
    assert.match((await vmstation("--help")).stdout, /^ {2}inventory {2,}list the machines/m);
    const { stdout } = await vmstation("inventory", "--help");
    assert.match(stdout, /^Usage: vmstation inventory \[options\] \[machines\.\.\.\]\n\nlist the/);
    assert.match(stdout.replace(/\s+/g, " "), /\(choices: "name", "address", default: "name"\)/);
    assert.match(stdout, /\nExamples:\n {2}vmstation inventory --sort address/);
  });

  it("runs with its arguments and options", async () => {
    const byName = await vmstation("inventory");
    assert.match(byName.stdout, /^hazel +192\.168\.8\.62\nmaple +192\.168\.8\.63\n/);
    const { status, stdout } = await vmstation("inventory", "maple", "--json");
    assert.equal(status, 0);
    assert.deepEqual(JSON.parse(stdout), {
      ...{ version: 1, stack: "homelab" },
      machines: [{ name: "maple", address: "192.168.8.63" }],
    });
    const byAddress = await vmstation("inventory", "--sort", "address");
    assert.match(byAddress.stdout, /192\.168\.8\.61\n.*192\.168\.8\.62\n.*192\.168\.8\.63\n$/);
  });

  it("refuses what is not there, with 2 and the way to its help", async () => {
    const order = await vmstation("inventory", "--sort", "mac");
    assert.equal(order.status, 2);
    assert.match(order.stderr, /'mac' is invalid\. Allowed choices are name, address\.\n/);
    assert.match(order.stderr, /\(vmstation inventory --help shows its arguments and options\)\n$/);
    const machine = await vmstation("inventory", "nas");
    assert.deepEqual(
      [machine.status, machine.stderr],
      [2, "There is no machine nas in the stack homelab.\n"],
    );
  });
});
