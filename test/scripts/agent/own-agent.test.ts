import assert from "node:assert/strict";
import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { startRunAgent } from "../../../scripts/kit/agent/own-agent";

describe("the agent that an update logs in with", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-keys-"));
  const agents: ChildProcess[] = [];
  const configBefore = process.env.VMSTATION_SSH_CONFIG;
  let count = 0;
  const machines = [{ name: "nas", address: "192.0.2.20" }];

  const makeKey = (name: string, passphrase = ""): string => {
    const file = path.join(folder, name);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", file]);
    return file;
  };
  const startAgent = async (name: string, ...keys: string[]): Promise<string> => {
    const socket = path.join(folder, name);
    const agent = spawn("ssh-agent", ["-D", "-a", socket]);
    agents.push(agent);
    await once(agent.stdout, "data");
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    for (const key of keys) execFileSync("ssh-add", ["-q", key], { env, stdio: "ignore" });
    return socket;
  };
  const settings = (text: string): void => {
    process.env.VMSTATION_SSH_CONFIG = path.join(folder, `config-${String(count++)}`);
    fs.writeFileSync(process.env.VMSTATION_SSH_CONFIG, text);
  };
  const namesIn = async (socket: string | undefined): Promise<string[]> => {
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    const { stdout } = await promisify(execFile)("ssh-add", ["-l"], { env });
    return [...stdout.matchAll(/ (\S+) \(ED25519\)/g)].map(([, name = ""]) => name).sort();
  };

  before(function () {
    if (spawnSync("ssh-agent", ["-V"]).error === undefined) return;
    console.log("    skipped: no ssh-agent on the PATH");
    this.skip();
  });
  afterEach(() => {
    process.env.VMSTATION_SSH_CONFIG = configBefore;
  });
  after(() => {
    for (const agent of agents) agent.kill();
    fs.rmSync(folder, { recursive: true });
  });

  it("is the operator's own where nothing else is named", async () => {
    const socket = await startAgent("mine");
    settings(`Host nas\n IdentityFile ${folder}/none-such\n`);
    const agent = await startRunAgent(machines, { SSH_AUTH_SOCK: socket });
    assert.deepEqual(agent.env, {});
    settings(`Host nas\n IdentityFile none\n IdentityAgent ${socket}\n`);
    const named = await startRunAgent(machines, {});
    assert.deepEqual(named.env, { SSH_AUTH_SOCK: socket });
  });

  it("has the keys of all agents and key files that the settings name, and each of them signs", async () => {
    const [inAgent, inOther, inFile] = [
      makeKey("in-agent"),
      makeKey("in-other"),
      makeKey("in-file"),
    ];
    const locked = makeKey("locked", "a passphrase");
    const mine = await startAgent("first", inAgent);
    const other = await startAgent("second", inOther);
    settings(
      `Host gate\n IdentityAgent ${other}\n IdentityFile none\n` +
        `Host nas\n ProxyJump gate\n IdentityFile ${inFile}\n IdentityFile ${locked}\n IdentityFile ${inAgent}\n`,
    );
    const agent = await startRunAgent(machines, { SSH_AUTH_SOCK: mine });
    try {
      const socket = agent.env.SSH_AUTH_SOCK;
      assert.deepEqual(await namesIn(socket), ["in-agent", "in-file", "in-other"]);
      const env = { ...process.env, SSH_AUTH_SOCK: socket };
      for (const key of [inAgent, inOther, inFile]) {
        // -T signs with the key and checks the signature.
        assert.ok(await endsWell(spawn("ssh-add", ["-T", `${key}.pub`], { env })), key);
      }
      assert.ok(!(await endsWell(spawn("ssh-add", ["-T", `${locked}.pub`], { env }))));
      assert.ok(
        !(await endsWell(spawn("ssh-add", ["-D"], { env }))),
        "nothing can be removed by it",
      );
      assert.deepEqual(await namesIn(mine), ["in-agent"]);
    } finally {
      agent.close();
    }
    assert.ok(!fs.existsSync(agent.env.SSH_AUTH_SOCK ?? ""));
  });
});

async function endsWell(child: ChildProcess): Promise<boolean> {
  await once(child, "close");
  return child.exitCode === 0;
}
