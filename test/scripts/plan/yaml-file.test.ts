import assert from "node:assert/strict";
import type { DuplicateKey } from "../../../scripts/kit/stack-file/duplicate-keys";
import { parseYamlFile } from "../../../scripts/kit/stack-file/yaml-file";
import { UserError } from "../../../scripts/kit/user-error";

function failure(text: string, onDuplicate?: (duplicate: DuplicateKey) => void): UserError {
  try {
    parseYamlFile("Pulumi.lab.yaml", text, onDuplicate);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  return assert.fail("it parsed");
}

describe("YAML files", () => {
  it("name a duplicate key and its line", () => {
    const error = failure("config:\n  machines:\n    alpha: 1\n    alpha: 2\n");
    const twice = "the key config.machines.alpha is defined more than once, first in line 3";
    assert.equal(error.message, `Pulumi.lab.yaml:4: ${twice}`);
    assert.equal(error.exitCode, 1);
  });

  it("report every mistake at once", () => {
    const { message } = failure("a: 1\na: 2\nb: 1\nb: 2\n");
    assert.deepEqual(
      message.split("\n").map((line) => line.split(":")[1]),
      ["2", "4"],
    );
  });

  it("report what stands there more than once beside what cannot be read, in the file's order", () => {
    const told: DuplicateKey[] = [];
    const text = "a: 1\na: 2\nb: [1, 2\na: 3\n";
    const { message } = failure(text, (duplicate) => told.push(duplicate));
    assert.match(message, /^Pulumi\.lab\.yaml:2: the key a is defined [^]*\nPulumi\.lab\.yaml:4: /);
    assert.deepEqual(told, []);
  });

  it("tell of keys that are there twice who asks for it, at any depth, and keep to the later one", () => {
    const told: DuplicateKey[] = [];
    const text =
      "a: 1\nlist:\n  - x: 0\n  - b: 1\n    c: 2\n    'b': 3\na: { d: 1, d: 2 }\ne: { b: 1 }\n";
    const content = parseYamlFile("f", text, (duplicate) => told.push(duplicate));
    assert.deepEqual(content, { a: { d: 2 }, list: [{ x: 0 }, { b: 3, c: 2 }], e: { b: 1 } });
    assert.deepEqual(told, [
      { path: ["a"], lines: [1, 7] },
      { path: ["list", 1, "b"], lines: [4, 6] },
      { path: ["a", "d"], lines: [7, 7] },
    ]);
  });

  it("may name a value once and use it again, and say of a map only what is different", () => {
    const text =
      "config:\n  m:\n    a: &worker\n      os: debian-12\n      roles: &roles [worker]\n      power: { mode: sleeps }\n" +
      "    b:\n      <<: *worker\n      power: { mode: always-on }\n" +
      "    c: { <<: [{ os: rhel-10 }, *worker], roles: *roles }\n    d: *worker\n";
    const worker = { os: "debian-12", roles: ["worker"], power: { mode: "sleeps" } };
    const b = { ...worker, power: { mode: "always-on" } };
    const m = { a: worker, b, c: { ...worker, os: "rhel-10" }, d: worker };
    assert.deepEqual(parseYamlFile("f", text), { config: { m } });
    assert.match(
      failure("a: { <<: *nobody }\n").message,
      /^Pulumi\.lab\.yaml:1: \*nobody names nothing/,
    );
    assert.match(
      failure("a: &a 1\nb:\n  <<: *a\n").message,
      /^Pulumi\.lab\.yaml:3: << takes a map/,
    );
    assert.match(
      failure("b: { <<: {}, <<: {} }\n").message,
      /the key b\.<< is defined more than once/,
    );
    assert.match(failure("b: { <<: [5] }\n").message, /^Pulumi\.lab\.yaml:1: << takes a map/);
    const many = Array.from({ length: 300 }, (_, i) => `m${i}: { <<: *w }\nn${i}: *w\n`).join("");
    assert.equal(
      Object.keys(Object.assign({}, parseYamlFile("f", `w: &w { a: 1 }\n${many}`))).length,
      601,
    );
  });

  it("name the line of broken syntax", () => {
    assert.match(failure("config:\n  a: [1, 2\n  b: 3\n").message, /^Pulumi\.lab\.yaml:\d+: /);
  });

  it("read numbers as the Pulumi CLI does: octal after a leading zero", () => {
    const content = parseYamlFile(
      "f",
      "mode: 0644\nport: 30090\ntext: '0644'\nhex: 0x10\nnine: 09",
    );
    assert.deepEqual(content, { mode: 420, port: 30090, text: "0644", hex: 16, nine: 9 });
  });
});
