import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { jumpTo, parseJump } from "../../../components/remote/jump";
import { answers } from "../../../components/remote/look-by-ssh";
import { renderConnection } from "../../../components/remote/machine";
import { remoteSchema } from "../../../components/remote/config";
import { readSettings, routeTo } from "../../../components/remote/ssh-settings";
import { scanHostKey } from "../../../scripts/kit/host-keys/scan";
import { SshClient } from "../../../scripts/kit/ssh/client";
import { SshServer } from "../../scripts/drift/ssh-server";

const DIAL = { attempts: 3, timeout: 5 };

describe("the operator's ssh settings", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-settings-"));
  const earlier = process.env.VMSTATION_SSH_CONFIG;
  let count = 0;

  const settings = (text: string): void => {
    const file = path.join(folder, `config-${String(count++)}`);
    fs.writeFileSync(file, text, { mode: 0o600 });
    process.env.VMSTATION_SSH_CONFIG = file;
  };

  before(function () {
    if (spawnSync("ssh", ["-V"]).status === 0) return;
    console.log("    skipped: no ssh on the PATH");
    this.skip();
  });
  afterEach(() => {
    process.env.VMSTATION_SSH_CONFIG = earlier;
  });
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const leadsTo = (text: string): string | undefined => {
    settings(text);
    return routeTo({ name: "nas", address: "192.0.2.20" })?.destination;
  };

  it("count under a machine's name and its address, and not where the name is another host's", () => {
    assert.equal(leadsTo("Host nas\n HostName 192.0.2.20\n User x\n"), "nas");
    assert.equal(leadsTo("Host nas\n ProxyJump gate\n"), "nas");
    assert.equal(leadsTo("Host nas\n HostName nas.lan\n"), "192.0.2.20", "nothing but its name");
    assert.equal(leadsTo("Host nas\n HostName nas.lan\n ProxyJump gate\n"), "nas");
    assert.equal(leadsTo("Host nas\n HostName 198.51.100.1\n ProxyJump gate\n"), "192.0.2.20");
    assert.equal(leadsTo("Host *\n User x\n"), "192.0.2.20");
    settings(
      "Host nas\n HostName 198.51.100.1\n ProxyJump wrong\nHost 192.0.2.*\n ProxyJump right\n",
    );
    assert.deepEqual(routeTo({ name: "nas", address: "192.0.2.20" })?.settings.jumps, ["right"]);
    process.env.VMSTATION_SSH_CONFIG = "none";
    assert.equal(routeTo({ name: "nas", address: "192.0.2.20" }), undefined);
  });

  it("give resources the jump host, with its own user, port and known key", () => {
    const known = path.join(folder, "known_hosts");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path.join(folder, "key")]);
    const [type, base64] = fs.readFileSync(path.join(folder, "key.pub"), "utf8").split(" ");
    const hostKey = `${String(type)} ${String(base64)}`;
    fs.writeFileSync(known, `[192.0.2.9]:2222 ${hostKey}\n`);
    execFileSync("ssh-keygen", ["-H", "-f", known], { stdio: "ignore" });
    const gate = `Host gate\n HostName 192.0.2.9\n User jump\n Port 2222\n UserKnownHostsFile ${known}\n`;
    settings(`${gate}Host nas\n ProxyJump gate\n`);
    const machine = { name: "nas", address: "192.0.2.20" };
    const expected = {
      ...{ host: "192.0.2.9", port: 2222, user: "jump", hostKey },
      ...{ dialErrorLimit: 3, perDialTimeout: 5 },
    };
    assert.deepEqual(jumpTo(machine, DIAL), { proxy: expected });
    const full = { ...machine, sshPort: 22, sshUser: "ops", sleeps: false, offline: false };
    const access = { settings: remoteSchema.parse(undefined), jumpTo: () => jumpTo(machine, DIAL) };
    assert.deepEqual(renderConnection(full, access).proxy, expected);
    assert.ok(!("proxy" in renderConnection(full, { ...access, jumpTo: () => ({}) })));
    const plain = `[192.0.2.9]:2222 ${hostKey}`;
    fs.writeFileSync(`${known}-revoked`, `${plain}\n@revoked ${plain}\n`);
    const revoked = gate.replace(known, `${known}-revoked`);
    for (const [text, problem] of [
      [`${revoked}Host nas\n ProxyJump gate\n`, /gate is not in your known_hosts/],
      [`${gate}Host nas\n ProxyJump gate,other\n`, /2 jump hosts/],
      [`${gate} ProxyJump other\nHost nas\n ProxyJump gate\n`, /behind another one/],
      ["Host nas\n ProxyCommand nc %h %p\n", /a ProxyCommand, which resources cannot use/],
      [`Host nas\n ProxyJump 192.0.2.8\n`, /192\.0\.2\.8 is not in your known_hosts/],
    ] as const) {
      settings(text);
      assert.match(jumpTo(machine, DIAL).problem ?? "", problem);
    }
  });

  it("name keys and agents by variables, as ssh reads them", () => {
    settings(
      "Host nas\n IdentityAgent $NAS_AGENT\n IdentityFile ${NAS_KEYS}/nas\n IdentityFile ${NAS_NO}/nas\n ProxyJump gate\n",
    );
    Object.assign(process.env, { NAS_AGENT: "/run/agent", NAS_KEYS: "/keys" });
    try {
      const found = readSettings("nas");
      assert.deepEqual(found?.identityFiles, ["/keys/nas"]);
      assert.equal(found.identityAgent, "/run/agent");
      delete process.env.NAS_AGENT;
      assert.equal(readSettings("nas")?.identityAgent, "none");
    } finally {
      delete process.env.NAS_AGENT;
      delete process.env.NAS_KEYS;
    }
  });

  it("are asked for a jump host in each form that ProxyJump takes", () => {
    assert.deepEqual(parseJump("gate"), { host: "gate", options: [] });
    assert.deepEqual(parseJump("a@gate:22"), { host: "gate", options: ["-l", "a", "-p", "22"] });
    assert.deepEqual(parseJump("ssh://gate:1"), { host: "gate", options: ["-p", "1"] });
    assert.deepEqual(parseJump("[2001:db8::1]:1"), { host: "2001:db8::1", options: ["-p", "1"] });
  });

  it("lead every verb through a jump host: the look, the host key, a command", async () => {
    const [gate, nas] = [new SshServer(folder), new SshServer(folder)];
    await gate.listen();
    await nas.listen();
    try {
      const [known, gateKey, nasKey] = ["known", "gate key", "nas key"].map((name) =>
        path.join(folder, name),
      );
      fs.writeFileSync(String(known), `[127.0.0.1]:${String(gate.port)} ${gate.hostKey}\n`);
      fs.writeFileSync(String(gateKey), gate.clientKey, { mode: 0o600 });
      fs.writeFileSync(String(nasKey), nas.clientKey, { mode: 0o600 });
      settings(
        `Host gate\n HostName 127.0.0.1\n Port ${String(gate.port)}\n User jump\n` +
          ` UserKnownHostsFile "${String(known)}"\n IdentityFile "${String(gateKey)}"\n IdentityAgent none\n` +
          `Host nas\n ProxyJump gate\n IdentityFile "${String(nasKey)}"\n IdentityAgent none\n`,
      );
      const machine = { name: "nas", address: "127.0.0.1", port: nas.port, sshPort: nas.port };
      assert.equal(await answers(machine, 2000), true);
      assert.equal(await scanHostKey(machine), nas.hostKey);
      const connection = {
        ...{ host: "127.0.0.1", port: nas.port, user: "ops", hostKey: nas.hostKey },
        ...{ privateKey: undefined, perDialTimeout: 5 },
      };
      const client = new SshClient(folder, [{ machine, connection }]);
      const said = await client.run("nas", connection, {
        command: 'cat >"$MACHINE_ROOT/said"',
        input: "hello\n",
      });
      assert.deepEqual(said, { code: 0, stderr: "" });
      assert.equal(fs.readFileSync(path.join(folder, "said"), "utf8"), "hello\n");
      assert.equal(gate.forwarded, 3);
      await nas.close();
      assert.equal(await answers(machine, 2000), false);
    } finally {
      await gate.close();
    }
  });
});
