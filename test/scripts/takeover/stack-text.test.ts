import assert from "node:assert/strict";
import { parse } from "yaml";
import { StackText } from "../../../scripts/kit/stack-file/stack-text";

const KEYS = [
  [["vmstation:machines", "amber", "offline"], "true"],
  [["vmstation:cluster", "controller"], "birch"],
] as const;

function changed(text: string): string {
  const file = new StackText("Pulumi.lab.yaml", text);
  for (const [keys, value] of KEYS) file.set(keys, value);
  return file.content;
}

describe("a stack's file that a program changes", () => {
  it("keeps its comments, order and quotes", () => {
    const text = `# mine
config:
  vmstation:cluster: # the house
    # what kubectl calls it
    name: house

  vmstation:machines:
    amber: &first
      # the black box
      address: "10.0.0.1"
      hostKey: ssh-ed25519 AAAA
    birch:
      <<: *first
      address: 10.0.0.2
`;
    const after = changed(text);
    const before = text.split("\n");
    assert.deepEqual(
      after.split("\n").filter((line) => !before.includes(line)),
      ["    controller: birch", "      offline: true"],
    );
    assert.match(after, /# the house\n {4}controller: birch\n {4}# what kubectl calls it\n/);
    assert.equal(changed(after), after);
  });

  const forms: Record<string, [text: string, after: string]> = {
    "on one line": [
      "config:\n  vmstation:cluster: { name: house }\n  vmstation:machines:\n    amber: { address: a } # black\n",
      "config:\n  vmstation:cluster: { controller: birch, name: house }\n  vmstation:machines:\n    amber: { offline: true, address: a } # black\n",
    ],
    "with other values": [
      "config:\n  vmstation:cluster:\n    controller: amber # was first\n  vmstation:machines:\n    amber:\n      offline: false\n",
      "config:\n  vmstation:cluster:\n    controller: birch # was first\n  vmstation:machines:\n    amber:\n      offline: true\n",
    ],
    "without the layer, by Windows' line ends": [
      "config:\r\n  vmstation:machines:\r\n    amber:\r\n      address: a\r\n",
      "config:\r\n  vmstation:cluster:\r\n    controller: birch\r\n  vmstation:machines:\r\n    amber:\r\n      offline: true\r\n      address: a\r\n",
    ],
    "with empty values": [
      "config:\n  vmstation:cluster: {}\n  vmstation:machines:\n    amber:\n      offline:\n      address: a\n",
      "config:\n  vmstation:cluster: { controller: birch }\n  vmstation:machines:\n    amber:\n      offline: true\n      address: a\n",
    ],
  };
  for (const [form, [text, after]] of Object.entries(forms)) {
    it(`is changed where its keys are written ${form}`, () => {
      assert.equal(changed(text), after);
      assert.deepEqual(parse(changed(after)), parse(after));
    });
  }

  it("is refused where the keys cannot be put in, with the value to write", () => {
    const text = "config:\n  vmstation:machines:\n    amber: *elsewhere\n";
    assert.throws(
      () => changed(text),
      /^UserError: Pulumi\.lab\.yaml: vmstation:machines\.amber\.offline cannot be written there by a program\. Write it yourself: true$/,
    );
  });
});
