import assert from "node:assert/strict";
import { shortenUpdate } from "../../engine/picture/shorten-update";

const OUTPUT = `Updating (rig):
 +  command:remote:Command preflight-a creating (0s)
@ updating....
    pulumi:pulumi:Stack rig  warning: using pulumi-resource-random from $PATH at /bin
 +  command:remote:Command preflight-a created (1s)

Outputs:
    bootstrap      : (json) {
        record: {
            a: "b"
        }
    }
    urls           : {
        grafana: "http://a"
    }
    validation     : (json) {
        checks: [
            [0]: {
                name: "API"
            }
        ]
        status: "pass"
    }
Duration: 2s`;

describe("what a picture shows of an update", () => {
  it("keeps every end and output but the long ones, with or without colours", () => {
    const lines = OUTPUT.split("\n").map((text, at) => ({
      text: `\u001b[32m${text}\u001b[0m`,
      at,
    }));
    assert.deepEqual(
      shortenUpdate(lines).map(({ at }) => at),
      [0, 4, 6, 12, 13, 14, 15, 21, 22, 23],
    );
  });
});
