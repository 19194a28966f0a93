import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseMachines } from "../../../scripts/kit/stack-file/machines";
import { loadProject } from "../../../scripts/kit/stack-file/project";
import { loadStackConfig, renderProgramConfig } from "../../../scripts/kit/stack-file/stack-config";

const PROJECT = `name: home
runtime: { name: nodejs, options: { typescript: false, nodeargs: "--a 'b c'" } }
main: index.ts
config:
  colour: { type: string, default: blue }
  size: { type: integer }
  shape: round
`;

describe("a project and its stacks", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "vmstation-test-"));
    writeFileSync(join(folder, "Pulumi.yaml"), PROJECT);
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function config(stack: string) {
    writeFileSync(join(folder, "Pulumi.lab.yaml"), stack);
    return loadStackConfig(loadProject(folder), "lab");
  }

  it("says how the program is run", () => {
    const { name, programFolder, entryPoint, nodeArgs, typescript } = loadProject(folder);
    assert.deepEqual(
      { name, programFolder, entryPoint, nodeArgs, typescript },
      {
        name: "home",
        programFolder: folder,
        entryPoint: "index.ts",
        nodeArgs: ["--a", "b c"],
        typescript: false,
      },
    );
  });

  it("passes maps and lists as JSON, scalars as text, and defaults of the project", () => {
    const stack = "config:\n  home:map: { a: [1, yes] }\n  plain: 3\n  other:config:old: true\n";
    assert.deepEqual(renderProgramConfig(config(stack)), {
      values: {
        "home:config:colour": "blue",
        "home:config:shape": "round",
        "home:config:map": '{"a":[1,"yes"]}',
        "home:config:plain": "3",
        "other:config:old": "true",
      },
      secretKeys: [],
    });
  });

  it("marks what is encrypted as a secret and passes a marker in its place", () => {
    const stack =
      "config:\n  home:token: { secure: v1:x }\n  home:map: { a: { secure: v1:y }, b: 1 }\n";
    const { values, secretKeys } = renderProgramConfig(config(stack));
    assert.deepEqual(secretKeys, ["home:token", "home:map"]);
    assert.equal(values["home:config:token"], "[secret]");
    assert.equal(values["home:config:map"], '{"a":"[secret]","b":1}');
  });

  it("sorts keys at every depth, as the CLI does", () => {
    const { values } = renderProgramConfig(
      config("config:\n  home:m: { b: 1, a: [{ d: 1, c: 2 }] }\n"),
    );
    assert.equal(values["home:config:m"], '{"a":[{"c":2,"d":1}],"b":1}');
  });

  it("knows the machines by name and address, and no malformed one", () => {
    const stack =
      "config: { 'home:machines': { b: { address: 10.0.0.2 }, a: { address: 1 }, c: 3 } }";
    assert.deepEqual(parseMachines(config(stack), "home"), [
      { name: "b", address: "10.0.0.2", sleeps: false, offline: false },
    ]);
  });

  it("tells a missing stack and a missing project apart from a broken one", () => {
    assert.throws(() => loadStackConfig(loadProject(folder), "none"), { exitCode: 2 });
    assert.throws(() => loadProject(tmpdir()), { exitCode: 2, message: /no Pulumi\.yaml/ });
    assert.throws(() => config("config: [1]"), { exitCode: 1, message: /config must be a map/ });
  });
});
