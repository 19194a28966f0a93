import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { vmstation } from "../../support/command-line";
import { listCandidates } from "../../../scripts/verbs/candidates";
import { listVerbs } from "../list-verbs";
import { StrangersProject } from "./project";

describe("completion", function () {
  this.timeout(60_000);
  let project: StrangersProject;
  before(() => {
    project = new StrangersProject("attic", "cellar");
  });
  after(() => {
    project.remove();
  });

  /** What may come after these words, of which the last is not finished. */
  const next = (line: string): string[] => listCandidates(["-C", project.root, ...line.split(" ")]);

  it("offers every verb, and the second word of those that have two", () => {
    const verbs = [...listVerbs().keys()];
    const firsts = [...new Set([...verbs.map((verb) => verb.split(" ")[0] ?? ""), "help"])];
    assert.deepEqual(next(""), firsts.sort());
    assert.deepEqual(next("mirror "), ["fetch", "list", "serve", "verify"]);
    assert.deepEqual(next("sp"), ["spin-down", "spin-up"]);
  });

  it("offers every option of a verb, and no other", () => {
    for (const [name, verb] of listVerbs()) {
      const own = verb.options.filter(({ hidden }) => !hidden).flatMap(({ long }) => long ?? []);
      assert.deepEqual(next(`${name} -`), [...new Set([...own, "--help"])].sort(), name);
    }
  });

  it("offers stacks, machines, apps and groups where they are meant", () => {
    assert.deepEqual(next("plan --stack "), ["attic", "cellar"]);
    assert.deepEqual(next("plan --stack = c"), ["cellar"]);
    assert.deepEqual(next("promote "), ["attic", "cellar"]);
    assert.deepEqual(next("wake --stack attic "), ["attic"]);
    assert.deepEqual(next("drift -s attic -m a"), ["attic"]);
    assert.deepEqual(next("backup -s attic j"), ["jellyfin"]);
    assert.deepEqual(next("validate ne"), ["network"]);
    assert.deepEqual(next("reset "), ["full", "hard", "soft"]);
    assert.deepEqual(next("pulumi stack select a"), ["attic"]);
  });

  it("offers nothing where a file is meant, nor where the project cannot be read", () => {
    assert.deepEqual(next("plan --graph "), []);
    assert.deepEqual(next("wake "), [], "two stacks, and none chosen");
    assert.deepEqual(listCandidates(["-C", "/nonexistent", "wake", ""]), []);
    assert.deepEqual(next("no-such-verb "), []);
  });

  async function script(shell: string): Promise<string> {
    const { status, stdout } = await vmstation("completion", shell);
    assert.equal(status, 0);
    return stdout;
  }

  it("works in bash itself, behind npx too", async () => {
    const lines = [
      await script("bash"),
      `COMP_WORDS=(npx vmstation -C '${project.root}' wake -s attic a) COMP_CWORD=7`,
      "_vmstation; printf '%s|' \"${COMPREPLY[@]}\"",
      "COMP_WORDS=(npx other a) COMP_CWORD=2 COMPREPLY=(kept); _vmstation; printf '%s' \"${COMPREPLY[@]}\"",
    ];
    const { stdout, stderr } = spawnSync("bash", ["-uc", lines.join("\n")], { encoding: "utf8" });
    assert.deepEqual([stdout, stderr], ["attic|kept", ""]);
  });

  it("works in zsh itself", async function () {
    const lines = [
      "compdef() { }",
      await script("zsh"),
      'compadd() { print -l -- "${@[2,-1]}" ${(P)2} }',
      `words=(vmstation -C ${project.root} wake -s attic '') CURRENT=7; _vmstation`,
    ];
    const ran = spawnSync("zsh", ["-fc", lines.join("\n")], { encoding: "utf8" });
    if (ran.error !== undefined) this.skip();
    assert.deepEqual([ran.stdout, ran.stderr], ["found\nattic\n", ""]);
  });

  it("works in fish itself", async function () {
    const lines = [
      await script("fish"),
      `complete -C 'vmstation -C ${project.root} wake -s attic '`,
    ];
    const ran = spawnSync("fish", ["-Nc", lines.join("\n")], { encoding: "utf8" });
    if (ran.error !== undefined) this.skip();
    assert.match(ran.stdout, /^attic$/m, ran.stderr);
  });
});
