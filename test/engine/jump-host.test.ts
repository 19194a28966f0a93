import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fingerprint } from "../../scripts/kit/host-keys/host-key";
import { type RunAgent, startRunAgent } from "../../scripts/kit/agent/own-agent";
import { run } from "../rig/command";
import type { Machine } from "../rig/machine";
import type { Rig } from "../rig/rig";
import type { Agent } from "../rig/ssh-agent";
import { HOMELAB } from "../rig/machine-spec";
import { useRig } from "../rig/use-rig";
import type { EngineLab } from "./engine-lab";
import { startTokenAgent } from "./token-agent";
import { openLab, requireEngine } from "./use-engine";

const CONFIG = path.join(__dirname, "../rig/Pulumi.rig.yaml");

/** It is on the machines' LAN and none of the stack's. */
const GATE = {
  ...{ name: "gate", address: "10.213.0.60", mac: "02:00:0a:d5:00:3c" },
  ...{ nic: "eth0", disk: "32G" },
};

for (const { jump, kind } of [
  { jump: GATE.name, kind: "a jump host" },
  { jump: "maple", kind: "a machine of the stack that gets its firewall in the same update" },
]) {
  describe(`machines behind ${kind}, by Pulumi's engine and by ssh`, () => {
    before(async function () {
      await requireEngine(this);
    });
    const machines = jump === GATE.name ? [...HOMELAB, GATE] : HOMELAB;
    const getRig = useRig({ machines });
    const configBefore = process.env.VMSTATION_SSH_CONFIG;
    let folder: string;
    let rig: Rig;
    let lab: EngineLab | undefined;
    let agent: RunAgent | undefined;
    let token: Agent | undefined;
    let hidden: readonly Machine[];

    before(async function () {
      rig = getRig();
      folder = mkdtempSync(path.join(tmpdir(), "vmstation-jump-"));
      const gate = rig.machine(jump);
      const stack = rig.machines.filter(({ name }) => name !== GATE.name);
      hidden = stack.filter((machine) => machine !== gate);
      // By one of the two ways the operator has a FIDO key instead of a key file.
      if (jump !== GATE.name) token = await startTokenAgent(rig.machines, folder);
      const [keyFile, keyAgent] =
        token === undefined ? [rig.sshKeyFile, "none"] : ["none", token.socket];
      // From here only the jump host is logged in to directly.
      const addresses = hidden.map(({ address }) => address).join(", ");
      const rule = `ip daddr { ${addresses} } tcp dport 22 drop`;
      const chain = `type filter hook output priority 0\n${rule}\n`;
      const table = `table inet behind {\nchain out {\n${chain}}\n}\n`;
      await run("nft", ["-f", "-"], { input: table });
      const known = path.join(folder, "known_hosts");
      writeFileSync(known, `${gate.address} ${gate.hostKey}\n`);
      process.env.VMSTATION_SSH_CONFIG = path.join(folder, "config");
      writeFileSync(
        process.env.VMSTATION_SSH_CONFIG,
        `Host ${jump}\n  HostName ${gate.address}\n  User ops\n  UserKnownHostsFile ${known}\n` +
          `Host ${hidden.map(({ name }) => name).join(" ")}\n  ProxyJump ${jump}\n` +
          `Host *\n  IdentityFile ${keyFile}\n  IdentityAgent ${keyAgent}\n`,
      );
      const env = { SSH_AUTH_SOCK: "", VMSTATION_SSH_CONFIG: process.env.VMSTATION_SSH_CONFIG };
      agent = await startRunAgent(stack, env);
      lab = await openLab(this, {
        ...{ stack: "rig", configFile: CONFIG, env: { ...env, ...agent.env } },
        program: "test/engine/program/machines.ts",
        settings: stack.map((m) => `machines.${m.name}.hostKey=${m.hostKey}`),
      });
    });
    after(async () => {
      await run("nft", ["delete", "table", "inet", "behind"]);
      process.env.VMSTATION_SSH_CONFIG = configBefore;
      agent?.close();
      await token?.stop();
      lab?.remove();
      lab = undefined;
      rmSync(folder, { recursive: true, force: true });
    });

    const getLab = (): EngineLab => {
      if (lab === undefined) throw new Error("there is no engine");
      return lab;
    };

    it("are prepared with a key that the run's agent lends, which stays out of the state", async () => {
      const update = await getLab().up();
      assert.ok(update.ok, update.output);
      for (const { name } of hidden)
        assert.ok(update.names("create").includes(`node-${name}-ready`), name);
      assert.ok(!getLab().stateText.includes("PRIVATE KEY"));
      const again = await getLab().up({ expectNoChanges: true });
      assert.ok(again.ok, again.output);
    });

    it("are looked at, logged in to and asked for their host keys by the verbs", async () => {
      const keys = await getLab().verb(["trust", "--dry-run", "--json"]);
      assert.equal(keys.code, 0, keys.output);
      for (const { hostKey } of hidden)
        assert.ok(keys.output.includes(`"shown": "${fingerprint(hostKey)}"`), keys.output);
      const drift = await getLab().verb(["preflight", "--json"]);
      assert.equal(drift.code, 0, drift.output);
      const session = await getLab().verb(["ssh", "hazel", "--", "hostname"]);
      assert.match(session.output, /^hazel$/m);
    });
  });
}
