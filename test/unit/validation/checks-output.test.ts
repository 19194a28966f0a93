import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { healthy } from "./cluster-state";
import { set } from "./fault";
import { CHECKS, start } from "./run-checks";

describe("what vmstation-validate says", () => {
  it("prints a line for each check, and what to do for those that fail", () => {
    const state = healthy();
    set("gateway", false)(state);
    const ran = start(["network", "--failures"], state);
    assert.equal(ran.status, 1);
    assert.equal(
      ran.stdout,
      "fail   network: gateway: 192.168.8.1 does not answer\n" +
        "       expected: the LAN's router answers a ping\n" +
        "       to do: look at the router and at the cable of the control plane\n" +
        "4 pass, 1 fail, 0 error\n",
    );
  });

  it("refuses a group that it does not know with exit code 2", () => {
    const ran = start(["clusters"]);
    assert.equal(ran.status, 2);
    assert.match(ran.stderr, /no such group: clusters/);
  });

  it("is an error with code 2, and no stack trace, without its settings", () => {
    const ran = spawnSync("python3", ["-B", CHECKS, "--settings", "/nonexistent/settings.json"], {
      encoding: "utf8",
    });
    assert.equal(ran.status, 2);
    assert.match(ran.stderr, /^vmstation-validate: .*No such file/);
  });
});
