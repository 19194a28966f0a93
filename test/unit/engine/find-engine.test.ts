import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import manifest from "../../../package.json";
import { findEngine } from "../../engine/find-engine";

describe("the search for an engine", () => {
  let folder: string;

  const add = (name: string, script: string): void => {
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  };
  const find = (): ReturnType<typeof findEngine> => findEngine({ PATH: folder });

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "vmstation-find-"));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("says what is missing, and takes providers that are installed or on PATH", async () => {
    assert.deepEqual(await find(), { missing: "no Pulumi CLI on PATH" });
    const installed = { name: "random", version: manifest.dependencies["@pulumi/random"] };
    add("pulumi", `[ "$1" = version ] && echo v3.1.2 || echo '${JSON.stringify([installed])}'`);
    assert.match(JSON.stringify(await find()), /no language host/);
    add("pulumi-language-nodejs", ":");
    const { command, kubernetes } = {
      command: manifest.dependencies["@pulumi/command"],
      kubernetes: manifest.dependencies["@pulumi/kubernetes"],
    };
    assert.deepEqual(await find(), {
      missing: `these provider plugins of Pulumi: command ${command}, kubernetes ${kubernetes}`,
    });
    for (const name of ["command", "kubernetes"]) add(`pulumi-resource-${name}`, ":");
    assert.deepEqual(await find(), { cli: path.join(folder, "pulumi"), version: "v3.1.2" });
  });
});
