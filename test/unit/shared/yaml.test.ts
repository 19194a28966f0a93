import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { parse } from "yaml";
import { renderYaml } from "../../../components/shared/yaml";

/** Texts that some reader of YAML takes for something else. */
const TEXTS = [
  ...["yes", "Yes", "no", "NO", "on", "off", "y", "N", "true", "null", "~", ""],
  ...[
    "1_000",
    "12:30:45",
    "190:20",
    "2020-01-01",
    "0755",
    "0o17",
    "0x1f",
    "0b11",
    "1e3",
    ".5",
    "+1",
  ],
  ...["=", "- a", "a: b", "# a", "*a", "&a", "!a", "%a", "@a", "`a`", "a\nb\n", " a ", "1.35"],
];
const DOCUMENT = {
  texts: TEXTS,
  ...Object.fromEntries(TEXTS.map((text) => [`key ${text}`, text])),
};

describe("YAML for other programs' readers", () => {
  for (const version of ["1.1", "1.2"] as const)
    it(`keeps every text a text to a reader of YAML ${version}`, () => {
      assert.deepEqual(parse(renderYaml(DOCUMENT), { version }), DOCUMENT);
    });

  it("keeps every text a text to Python's reader, which Ansible uses", function () {
    if (spawnSync("python3", ["-c", "import yaml"]).status !== 0) {
      console.log("      pending: Python has no PyYAML here");
      this.skip();
    }
    const script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))";
    const { stderr, stdout } = spawnSync("python3", ["-c", script], {
      input: renderYaml(DOCUMENT),
      encoding: "utf8",
    });
    assert.equal(stderr, "");
    assert.deepEqual(JSON.parse(stdout), DOCUMENT);
  });

  it("writes what is no text, and several documents, as everybody reads them", () => {
    assert.equal(
      renderYaml({ a: true, b: [1, null] }, { c: "yes" }),
      'a: true\nb:\n  - 1\n  - null\n---\nc: "yes"\n',
    );
  });
});
