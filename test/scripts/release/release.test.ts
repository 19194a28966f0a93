import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { releaseChangelog } from "../../../scripts/release/changelog";
import { release } from "../../../scripts/release/release";
import { Repository } from "../../../scripts/release/repository";

const OPEN =
  "# Changelog\n\nWords.\n\n## 0.4.0 (not yet released)\n\n- Faster.\n\n## 0.3.0 (2026-01-01)\n\n- Old.\n";
const LOCK = `{
  "name": "x",
  "version": "0.3.0",
  "lockfileVersion": 3,
  "packages": {
    "": { "name": "x", "version": "0.3.0" },
    "node_modules/y": { "version": "0.3.0" }
  }
}
`;

describe("npm run release", () => {
  let root: string;
  const git = (...words: string[]): string =>
    execFileSync("git", ["-C", root, "-c", "user.name=t", "-c", "user.email=t@t", ...words], {
      encoding: "utf8",
    }).trim();
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
  const commit = (title: string): void => {
    git("add", "-A");
    git("commit", "-qm", title);
  };
  const run = async (version: string, { apply = false, failing = "" } = {}) => {
    const said: string[] = [];
    const checked: string[] = [];
    const code = await release({
      ...{ repository: new Repository(root), version, date: "2026-02-03", apply },
      say: (text) => said.push(text),
      check: (script) => {
        checked.push(script);
        return Promise.resolve(script === failing ? "a pin is wrong" : undefined);
      },
    });
    return { code, said: said.join(""), checked };
  };

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "vmstation-release-"));
    git("init", "-q", "-b", "main");
    git("config", "user.name", "t");
    git("config", "user.email", "t@t");
    write("package.json", '{\n  "name": "x",\n  "version": "0.3.0"\n}\n');
    write("package-lock.json", LOCK);
    write("CHANGELOG.md", OPEN);
    commit("First");
    git("tag", "v0.3.0");
    const recorded = git("rev-parse", "--short=7", "HEAD");
    write(`test/support/fixtures/states/${recorded}.json.br`, "");
    commit("Record a deployment");
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it("shows the section, runs what checks pins, documents and recorded deployments, and changes nothing", async () => {
    const head = git("rev-parse", "HEAD");
    const { code, said, checked } = await run("0.4.0");
    assert.deepEqual([code, checked], [0, ["check", "check:release"]]);
    assert.match(
      said,
      /^## 0\.4\.0 \(2026-02-03\)\n\n- Faster\.\n\nNothing was changed\. .*--apply/m,
    );
    assert.deepEqual([git("rev-parse", "HEAD"), git("status", "--porcelain")], [head, ""]);
    assert.equal(git("tag"), "v0.3.0");
  });

  it("with --apply dates the section, writes the version where it stands, commits and tags", async () => {
    const { code, said } = await run("0.4.0", { apply: true });
    assert.equal(code, 0, said);
    assert.match(said, /git push origin main v0\.4\.0\n$/);
    assert.match(read("CHANGELOG.md"), /^## 0\.4\.0 \(2026-02-03\)\n\n- Faster\.\n\n## 0\.3\.0/m);
    assert.match(read("package.json"), /"version": "0\.4\.0"/);
    assert.equal(
      read("package-lock.json"),
      LOCK.replace('0"', '0"').replace(
        /"version": "0\.3\.0"(?=[^]*node_modules)/g,
        '"version": "0.4.0"',
      ),
    );
    assert.equal(git("log", "-1", "--format=%s"), "Release 0.4.0");
    assert.equal(git("rev-parse", "v0.4.0^{commit}"), git("rev-parse", "HEAD"));
    assert.match(
      git("for-each-ref", "--format=%(contents)", "refs/tags/v0.4.0"),
      /^VMStation 0\.4\.0 \(2026-02-03\)\n\n- Faster\./,
    );
    assert.equal(git("status", "--porcelain"), "");
  });

  it("reports all obstacles at once, and then does not run the checks", async () => {
    write("left-over", "");
    git("switch", "-qc", "other");
    const { code, said, checked } = await run("0.5.0", { apply: true });
    assert.deepEqual([code, checked], [1, []]);
    assert.match(
      said,
      /^0\.5\.0 cannot be released:\n {2}- the branch is other: git switch main$/m,
    );
    assert.match(said, /not committed: left-over$/m);
    assert.match(said, /0\.5\.0 does not follow 0\.3\.0: one of 0\.3\.1, 0\.4\.0, 1\.0\.0 does$/m);
    assert.match(said, /CHANGELOG\.md is about 0\.4\.0, package\.json about 0\.3\.0$/m);
  });

  it("refuses a check that fails, and a last release of which no deployment was recorded", async () => {
    assert.match(
      (await run("0.4.0", { apply: true, failing: "check:release" })).said,
      /npm run check:release fails:\na pin is wrong/,
    );
    rmSync(path.join(root, "test"), { recursive: true });
    commit("Forget it");
    const { code, said } = await run("0.4.0", { apply: true });
    assert.equal(code, 1);
    assert.match(said, /no deployment by v0\.3\.0 is recorded in test\/support\/fixtures\/states/);
    assert.equal(git("tag"), "v0.3.0");
  });
});

describe("the changelog of a release", () => {
  const titles = ["Let machines sleep", "Wake them"];
  const of = (text: string, made: readonly string[] = titles) =>
    releaseChangelog(text, { version: "0.4.0", date: "2026-02-03", titles: made });

  it("takes the section of what is not released yet, under any heading", () => {
    for (const heading of [
      "## Unreleased",
      "## 0.4.0 (not yet released)",
      "## 0.4.0 (2026-01-31)",
    ]) {
      const made = of(`# C\n\n${heading}\n\n- A $& b.\n\n## 0.3.0 (2026-01-01)\n\n- Old.\n`);
      assert.equal(made?.section, "## 0.4.0 (2026-02-03)\n\n- A $& b.\n\n", heading);
      assert.match(made.text, /^# C\n\n## 0\.4\.0 \(2026-02-03\)\n\n- A \$& b\.\n\n## 0\.3\.0 /);
    }
  });

  it("is made from the commits' titles if it is missing, and stays missing if nothing has changed", () => {
    const made = of("# C\n\n## 0.3.0 (2026-01-01)\n\n- Old.\n");
    assert.match(
      made?.text ?? "",
      /^# C\n\n## 0\.4\.0 \(2026-02-03\)\n\n### Changed\n\n- Let machines sleep\.\n- Wake them\.\n\n## 0\.3\.0/,
    );
    assert.equal(of("# C\n\n## 0.3.0 (2026-01-01)\n", []), undefined);
    assert.equal(of("# C\n\n## Unreleased\n\n## 0.3.0 (2026-01-01)\n"), undefined);
  });
});
