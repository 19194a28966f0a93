import assert from "node:assert/strict";
import * as fc from "fast-check";
import { parseHeader, renderHeader } from "../../../components/remote/header";

const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/);

describe("a step's first line", () => {
  it("says what was written into it, whatever follows", () => {
    fc.assert(
      fc.property(name, name, fc.boolean(), fc.array(name), fc.string(), (...values) => {
        const [step, machine, checks, confirms, rest] = values;
        const header = { step, machine, checks, confirms };
        assert.deepEqual(parseHeader(`${renderHeader(header)}\n${rest}`), header);
      }),
    );
  });

  it("says nothing of a command that no step wrote", () => {
    for (const text of ["", "echo hello\n", "# a remark on the machine\n", "\n# kernel on m\n"]) {
      assert.equal(parseHeader(text), undefined, text);
    }
  });
});
