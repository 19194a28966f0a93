import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { findAgentObstacle } from "../../../components/remote/login";

describe("the key that machines are logged in to with", () => {
  it("is missed where no agent is named, and where the named one is not there", async () => {
    assert.match((await findAgentObstacle({})) ?? "", /SSH_AUTH_SOCK is not set.*ssh-add/);
    const env = { PATH: process.env.PATH, SSH_AUTH_SOCK: "/nonexistent/agent" };
    if (spawnSync("ssh-add", ["-l"], { env }).error !== undefined) return;
    assert.match((await findAgentObstacle(env)) ?? "", /\/nonexistent\/agent does not answer/);
  });

  it("is reported as missing in a real agent without keys, and found in one with a key", async function () {
    if (spawnSync("ssh-agent", ["-V"]).error !== undefined) this.skip();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-agent-"));
    const env = { PATH: process.env.PATH, SSH_AUTH_SOCK: path.join(folder, "socket") };
    const agent = spawn("ssh-agent", ["-D", "-a", env.SSH_AUTH_SOCK]);
    try {
      await once(agent.stdout, "data");
      assert.match((await findAgentObstacle(env)) ?? "", /the SSH agent holds no key/);
      const key = path.join(folder, "key");
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
      execFileSync("ssh-add", ["-q", key], { env, stdio: "ignore" });
      assert.equal(await findAgentObstacle(env), undefined);
    } finally {
      agent.kill();
      fs.rmSync(folder, { recursive: true });
    }
  });
});
