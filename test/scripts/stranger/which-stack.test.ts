import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { createHash } from "node:crypto";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import manifest from "../../../package.json";
import { findOnPath } from "../../../scripts/kit/pulumi/find-cli";
import { StrangersProject, STACK } from "./project";

describe("the stack that a command is about", function () {
  this.timeout(60_000);
  let project: StrangersProject;
  afterEach(() => {
    project.remove();
  });

  /** The stack that `config-free` verbs name in what they print. */
  async function stackOf(...words: readonly string[]): Promise<string> {
    const { stdout, stderr } = await project.run("spin-up", "--dry-run", "--json", ...words);
    const found = /"stack": "([^"]*)"/.exec(stdout)?.[1];
    assert.ok(found !== undefined, stderr);
    return found;
  }

  /** As `pulumi stack select` does it: see pkg/workspace of the CLI. */
  function select(settings: object): void {
    const key = createHash("sha1").update(project.at("Pulumi.yaml")).digest("hex");
    project.write(`home/workspaces/vmstation-${key}-workspace.json`, JSON.stringify(settings));
  }

  it("is the only stack, no matter what its name is", async () => {
    project = new StrangersProject("attic");
    assert.equal(await stackOf(), "attic");
  });

  it("is the one that --stack names, else PULUMI_STACK, else the selected one", async () => {
    project = new StrangersProject("attic", "cellar", "shed", "garage");
    const state = pathToFileURL(project.at(".vmstation", "state")).href;
    select({ stacks: { [state]: "organization/vmstation/shed", "file:///other": "x/y/garage" } });
    assert.equal(await stackOf(), "shed");
    process.env.PULUMI_STACK = "organization/vmstation/cellar";
    assert.equal(await stackOf(), "cellar");
    assert.equal(await stackOf("--stack", "attic"), "attic");
  });

  it("is the one that an older CLI has selected for all backends", async () => {
    project = new StrangersProject("attic", "cellar");
    select({ stack: "cellar" });
    assert.equal(await stackOf(), "cellar");
  });

  it("must be chosen among several: the error names them and says how", async () => {
    project = new StrangersProject("homelab", "mine");
    const { status, stdout, stderr } = await project.run("wake", "attic");
    assert.deepEqual([status, stdout], [2, ""]);
    const npx = `npx vmstation -C ${project.root}`;
    assert.deepEqual(stderr.split("\n"), [
      "This project has several stacks, and none is chosen: homelab, mine.",
      "To choose one:",
      `  ${npx} wake attic --stack mine   # for this command`,
      "  export PULUMI_STACK=mine   # for this shell",
      `  ${npx} pulumi stack select mine   # for this folder, from now on`,
      "",
    ]);
  });

  it("is never an example of the project if there is a stack of the user", async () => {
    project = new StrangersProject("homelab", "lab", "mine");
    const ran = await project.run("plan", "--example", "homelab");
    assert.equal(ran.status, 2);
    assert.match(ran.stderr, /none is chosen: homelab, lab, mine\.\n/);
  });

  it("is the example only for the commands of package.json that change nothing", () => {
    project = new StrangersProject("mine");
    const scripts = Object.entries(manifest.scripts).filter(([, line]) =>
      line.includes("--example"),
    );
    assert.deepEqual(
      scripts.map(([name]) => name),
      ["plan", "preview"],
    );
  });

  it("must be created if there is none: the error says so", async () => {
    project = new StrangersProject();
    const { status, stderr } = await project.run("power");
    assert.equal(status, 2);
    assert.match(
      stderr,
      /^There is no stack in .*\nTo describe your machines: npx .* init --stack home\n$/,
    );
  });

  it("is told with the others where its file is missing", async () => {
    project = new StrangersProject("attic", "cellar");
    const { status, stderr } = await project.run("spin-up", "--stack", "atic", "--dry-run");
    assert.equal(status, 2);
    assert.match(
      stderr,
      /^There is no stack "atic": .*Pulumi\.atic\.yaml does not exist\. Did you mean attic\?\n/,
    );
    assert.match(stderr, /\nThe stacks of this project: attic, cellar\.\n/);
  });

  it("counts before the verb, after it, and after its arguments", async () => {
    project = new StrangersProject("attic", "cellar");
    const words = [
      ["--stack", "cellar", "spin-up", "--dry-run", "--json"],
      ["spin-up", "--stack", "cellar", "--dry-run", "--json"],
      ["spin-up", "--dry-run", "--json", "-s", "cellar"],
    ];
    for (const line of words)
      assert.match((await project.run(...line)).stdout, /"stack": "cellar"/, line.join(" "));
    const refused = await project.run("--stack", "cellar", "config");
    assert.deepEqual([refused.status, refused.stderr], [2, "config takes no --stack.\n"]);
  });

  it("is never chosen in place of an empty name: a script's variable may be missing", async () => {
    project = new StrangersProject("attic");
    for (const line of [
      ["spin-up", "--dry-run", "--stack", ""],
      ["--stack", "", "spin-up", "--dry-run"],
      ["spin-up", "--dry-run", "--stack="],
      ["init", "--stack", "", "--dry-run"],
      ["pulumi", "--stack", "", "stack", "output"],
    ]) {
      const { status, stderr } = await project.run(...line);
      assert.equal(status, 2, line.join(" "));
      assert.match(stderr, /--stack .*is invalid\. It must be a stack's name/, line.join(" "));
    }
  });

  it("is as if there were no PULUMI_STACK where that is empty, as for the CLI", async () => {
    project = new StrangersProject("attic");
    process.env.PULUMI_STACK = "";
    assert.equal(await stackOf(), "attic");
    const { status, stderr } = await project.run("init", "--force", "--dry-run");
    assert.deepEqual([status, stderr.split(":")[0]], [2, "A new stack needs a name"]);
  });

  it("counts after the machine of ssh, whose command is another program's", async () => {
    project = new StrangersProject("attic", "cellar");
    project.write("Pulumi.cellar.yaml", STACK.replaceAll("attic", "cellar"));
    for (const line of [
      "ssh nas --stack cellar",
      "ssh --stack cellar nas",
      "ssh nas -s cellar -- ls -s",
      "ssh nas -scellar ls",
    ]) {
      const { status, stderr } = await project.run(...line.split(" "));
      assert.deepEqual(
        [status, stderr],
        [2, "The stack cellar has no machine nas. Its machines: cellar.\n"],
        line,
      );
    }
    const help = await project.run("ssh", "nas", "--help");
    assert.match(help.stdout, /^Usage: vmstation ssh /, "no machine is asked for help");
  });

  it("is the one that the CLI itself selects", function () {
    const cli = findOnPath(process.env.PATH ?? "");
    if (cli === undefined) this.skip();
    project = new StrangersProject("attic", "cellar");
    const root = project.at("it's a #1 folder");
    fs.mkdirSync(root);
    for (const name of ["Pulumi.yaml", "Pulumi.attic.yaml", "Pulumi.cellar.yaml"])
      fs.renameSync(project.at(name), path.join(root, name));
    const vmstation = (...words: string[]) =>
      spawnSync(
        process.execPath,
        [path.resolve(__dirname, "../../../scripts/vmstation.cjs"), "-C", root, ...words],
        { encoding: "utf8" },
      );
    const selected = vmstation("pulumi", "stack", "select", "cellar");
    assert.equal(selected.status, 0, selected.stderr);
    assert.match(vmstation("spin-up", "--dry-run", "--json").stdout, /"stack": "cellar"/);
  });
});
