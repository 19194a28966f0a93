import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type RunAgent, startRunAgent } from "../../scripts/kit/agent/own-agent";
import { SshServer } from "../scripts/drift/ssh-server";
import { openLab } from "./use-engine";

const CONFIG = path.join(__dirname, "../rig/Pulumi.rig.yaml");

describe("a jump host and key files, by Pulumi's own provider", () => {
  const before = process.env.VMSTATION_SSH_CONFIG;
  const folder = mkdtempSync(path.join(tmpdir(), "vmstation-jump-"));
  let agent: RunAgent | undefined;

  after(() => {
    agent?.close();
    process.env.VMSTATION_SSH_CONFIG = before;
    rmSync(folder, { recursive: true });
  });

  const write = (name: string, text: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };

  it("lead every connection through the jump host, and leave no key in the state", async function () {
    const [gate, nas] = [new SshServer(folder), new SshServer(folder)];
    await gate.listen();
    await nas.listen();
    const known = write("known", `[127.0.0.1]:${gate.port} ${gate.hostKey}\n`);
    process.env.VMSTATION_SSH_CONFIG = write(
      "config",
      `Host gate\n HostName 127.0.0.1\n Port ${gate.port}\n User jump\n UserKnownHostsFile ${known}\n` +
        ` IdentityFile ${write("gate-key", gate.clientKey)}\n IdentityAgent none\n` +
        `Host nas\n ProxyJump gate\n IdentityFile ${write("nas-key", nas.clientKey)}\n IdentityAgent none\n`,
    );
    const machine = { name: "nas", address: "127.0.0.1", sshPort: nas.port, hostKey: nas.hostKey };
    agent = await startRunAgent([machine], {});
    const lab = await openLab(this, {
      ...{ stack: "rig", configFile: CONFIG, program: "test/engine/program/by-jump-host.ts" },
      env: {
        SSH_AUTH_SOCK: agent.env.SSH_AUTH_SOCK ?? "",
        VMSTATION_SSH_CONFIG: process.env.VMSTATION_SSH_CONFIG,
        MACHINE: JSON.stringify(machine),
      },
    });
    try {
      const update = await lab.up();
      assert.ok(update.ok, update.output);
      for (const name of ["first", "second"])
        assert.equal(readFileSync(path.join(folder, name), "utf8"), name);
      assert.equal(gate.forwarded, 2);
      assert.ok(!lab.stateText.includes("PRIVATE KEY"));
      const again = await lab.up({ expectNoChanges: true });
      assert.ok(again.ok, again.output);
      assert.equal(gate.forwarded, 2);
    } finally {
      lab.remove();
      await nas.close();
      await gate.close();
    }
  });
});
