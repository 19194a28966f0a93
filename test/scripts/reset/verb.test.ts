import assert from "node:assert/strict";
import * as fs from "node:fs";
import { z } from "zod";
import { type Ran, OperationsLab } from "../operations/lab";

/** Stands for the CLI: a state that is one file, exported and imported as the real one does. */
const CLI = `#!/bin/sh
echo "$*" >>"$BOX/cli.log"
case "$1 $2" in
  'stack export') cat "$BOX/state.json" ;;
  'stack import') while [ "$1" != --file ]; do shift; done; cat "$2" >"$BOX/state.json" ;;
esac
`;

const urn = (type: string, name: string): string => `urn:pulumi:s::vmstation::${type}::${name}`;
const STATE = {
  version: 3,
  deployment: {
    resources: [
      { urn: urn("pulumi:pulumi:Stack", "vmstation-s"), type: "pulumi:pulumi:Stack" },
      { urn: urn("kubernetes:core/v1:Namespace", "apps"), type: "kubernetes:core/v1:Namespace" },
    ],
  },
};
const stateSchema = z.object({
  deployment: z.object({ resources: z.array(z.object({ type: z.string() })) }),
});

describe("vmstation reset", function () {
  this.timeout(30_000);
  let lab: OperationsLab;

  beforeEach(() => {
    lab = new OperationsLab();
    lab.write("bin/pulumi", CLI, 0o755);
    lab.write("state.json", JSON.stringify(STATE));
    process.env.PATH = `${lab.at("bin")}:${process.env.PATH ?? ""}`;
  });
  afterEach(() => {
    lab.remove();
  });

  const reset = (level: string, ...more: string[]): Promise<Ran> =>
    lab.run("reset", level, "--yes", "homelab", ...more);
  const asked = (): string[] =>
    lab
      .read("cli.log")
      .trim()
      .split("\n")
      .map((line) => line.split(" ").slice(0, 2).join(" "));

  function typesInState(): string[] {
    const { deployment } = stateSchema.parse(JSON.parse(lab.read("state.json")));
    return deployment.resources.map(({ type }) => type);
  }

  it("hard goes to its end: the cluster leaves the machines and the state, which is kept", async () => {
    const { code, stderr } = await reset("hard");
    assert.equal(code, 0, stderr);
    assert.deepEqual(asked(), ["stack export", "stack import"]);
    assert.deepEqual(typesInState(), ["pulumi:pulumi:Stack"]);
    const [, backup = ""] = /^Copy of the old state: (.*)$/m.exec(stderr) ?? [];
    assert.deepEqual(JSON.parse(fs.readFileSync(backup, "utf8")), STATE);
    assert.deepEqual(fs.readdirSync(lab.at(".vmstation/tmp")), []);
  });

  it("full goes on with destroy, and leaves no temporary file", async () => {
    const { code, stderr } = await reset("full");
    assert.equal(code, 0, stderr);
    assert.ok(
      asked().some((line) => line.startsWith("destroy")),
      lab.read("cli.log"),
    );
    assert.deepEqual(fs.readdirSync(lab.at(".vmstation/tmp")), []);
  });

  it("full destroys by the file that it was given", async () => {
    const file = lab.write("other.yaml", lab.read("Pulumi.homelab.yaml"));
    const { code, stderr } = await reset("full", "--config-file", file);
    assert.equal(code, 0, stderr);
    const calls = lab.read("cli.log").split("\n");
    const destroy = calls.filter((line) => line.startsWith("destroy"));
    assert.ok(destroy.length > 0);
    for (const line of destroy) assert.ok(line.includes(`--config-file ${file}`), line);
  });

  it("runs where the cluster is installed from, after another machine became the controller too", async () => {
    lab.remove();
    lab = new OperationsLab(
      [["bootstrap", "controller"], "maple"],
      [["cluster", "controller"], "spruce"],
      [["machines", "spruce", "roles"], ["control-plane"]],
      [["machines", "spruce", "power"], undefined],
      [
        ["machines", "hazel", "roles"],
        ["control-plane", "worker"],
      ],
      [["machines", "hazel", "power"], undefined],
    );
    const { code, stderr } = await reset("soft");
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      lab.sessions().map((line) => line.split(" ")[0]),
      ["maple"],
    );
  });
});
