import assert from "node:assert/strict";
import { parseYamlFile } from "../../../../scripts/plan/yaml-file";
import { UserError } from "../../../../scripts/user-error";

function failure(text: string): UserError {
  try {
    parseYamlFile("Pulumi.lab.yaml", text);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  return assert.fail("it parsed");
}

describe("YAML files", () => {
  it("name a duplicate key and its line", () => {
    const error = failure("config:\n  machines:\n    alpha: 1\n    alpha: 2\n");
    assert.equal(error.message, 'Pulumi.lab.yaml:4: the key "alpha" appears twice in the same map');
    assert.equal(error.exitCode, 1);
  });

  it("report every mistake at once", () => {
    const { message } = failure("a: 1\na: 2\nb: 1\nb: 2\n");
    assert.deepEqual(
      message.split("\n").map((line) => line.split(":")[1]),
      ["2", "4"],
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
