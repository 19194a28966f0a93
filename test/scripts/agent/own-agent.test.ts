import assert from "node:assert/strict";
import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { startRunAgent } from "../../../scripts/kit/agent/own-agent";
import { findToken, makeTokenKey } from "../../support/security-key";
import { listKeyHosts } from "../../../scripts/kit/agent/find-keys";

describe("what a run logs in to", () => {
  it("is each machine, and each host that is reached by SSH, whatever else is wrong", () => {
    const config = new Map<string, unknown>([
      ["vmstation:machines", { ichi: { address: "10.0.0.1" }, ni: {}, san: 3 }],
      [
        "vmstation:hypervisor",
        { hosts: { "pve-a": { address: "10.0.0.9", ssh: {} }, "pve-b": { address: "10.0.0.8" } } },
      ],
    ]);
    assert.deepEqual(listKeyHosts(config), [
      { name: "ichi", address: "10.0.0.1" },
      { name: "pve-a", address: "10.0.0.9" },
    ]);
    assert.deepEqual(listKeyHosts(new Map()), []);
  });
});

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
    const agent = spawn("ssh-agent", ["-D", "-P", "*", "-a", socket]);
    agents.push(agent);
    await once(agent.stdout, "data");
    const env = { ...process.env, SSH_AUTH_SOCK: socket, SSH_SK_PROVIDER: findToken() };
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
    return [...stdout.matchAll(/ (\S+) \(ED25519(?:-SK)?\)/g)].map(([, name = ""]) => name).sort();
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
    assert.ok(!fs.existsSync(path.dirname(agent.env.SSH_AUTH_SOCK ?? "")));
  });

  it("is still there after Ctrl-C, which a terminal sends to the whole group of processes, and ends with the run", async () => {
    settings(`Host nas\n IdentityFile ${makeKey("kept")}\n`);
    const agent = await startRunAgent(machines, {});
    try {
      const socket = agent.env.SSH_AUTH_SOCK ?? "";
      const all = listProcesses();
      const ours = all.find(({ pid }) => pid === process.pid);
      const itself = all.find(({ command }) => command.includes(socket));
      const holder = all.find(({ pid }) => pid === itself?.parent);
      assert.ok(ours !== undefined && itself !== undefined && holder !== undefined);
      assert.notEqual(itself.group, ours.group);
      assert.notEqual(holder.group, ours.group);
      agent.close();
      await until(() => !listProcesses().some(({ pid }) => pid === holder.pid));
    } finally {
      agent.close();
    }
  });

  it("lets nobody keep the run from its end who is still connected", async () => {
    const [one, two] = [await startAgent("third"), await startAgent("fourth")];
    settings(
      `Host gate\n IdentityAgent ${one}\n IdentityFile none\nHost nas\n ProxyJump gate\n IdentityFile none\n`,
    );
    const agent = await startRunAgent(machines, { SSH_AUTH_SOCK: two });
    const client = net.connect(agent.env.SSH_AUTH_SOCK ?? "");
    try {
      await once(client, "connect");
      agent.close();
      await once(client, "close", { signal: AbortSignal.timeout(5000) });
    } finally {
      client.destroy();
      agent.close();
    }
  });

  it("has the keys of the others where one agent answers with nonsense", async () => {
    const good = await startAgent("fifth", makeKey("in-fifth"));
    const bad = path.join(folder, "bad");
    const nonsense = net.createServer((client) => {
      // "There are 2^32 - 1 keys", and no key.
      client.on("data", () => client.write(Buffer.from([0, 0, 0, 5, 12, 255, 255, 255, 255])));
    });
    await new Promise<void>((resolve) => nonsense.listen(bad, resolve));
    settings(
      `Host gate\n IdentityAgent ${bad}\n IdentityFile none\nHost nas\n ProxyJump gate\n IdentityFile none\n`,
    );
    const agent = await startRunAgent(machines, { SSH_AUTH_SOCK: good });
    try {
      assert.deepEqual(await namesIn(agent.env.SSH_AUTH_SOCK), ["in-fifth"]);
    } finally {
      agent.close();
      nonsense.close();
    }
  });

  it("lets a FIDO key of the operator's agent sign beside a key file, and takes none from a file", async function () {
    const token = findToken();
    if (token === undefined) {
      console.log("    skipped: no stand-in for a FIDO token (Debian's package openssh-tests)");
      return this.skip();
    }
    const [inAgent, inFile] = [path.join(folder, "token"), path.join(folder, "token-file")];
    for (const file of [inAgent, inFile]) makeTokenKey(token, file);
    const plain = makeKey("plain");
    const mine = await startAgent("with-token", inAgent);
    settings(`Host nas\n IdentityFile ${plain}\n IdentityFile ${inFile}\n`);
    const agent = await startRunAgent(machines, { SSH_AUTH_SOCK: mine });
    try {
      assert.deepEqual(await namesIn(agent.env.SSH_AUTH_SOCK), ["plain", "token"]);
      const env = { ...process.env, SSH_AUTH_SOCK: agent.env.SSH_AUTH_SOCK };
      assert.ok(await endsWell(spawn("ssh-add", ["-T", `${inAgent}.pub`], { env })));
    } finally {
      agent.close();
    }
  });
});

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly command: string;
}

function listProcesses(): Process[] {
  const printed = execFileSync("ps", ["-e", "-o", "pid=,ppid=,pgid=,args="], { encoding: "utf8" });
  return printed.split("\n").flatMap((line) => {
    const [pid, parent, group, ...command] = line.trim().split(/\s+/);
    return line === ""
      ? []
      : {
          ...{ pid: Number(pid), parent: Number(parent), group: Number(group) },
          command: command.join(" "),
        };
  });
}

async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 5000;
  while (!isSo()) {
    assert.ok(Date.now() < end, "it does not come to that");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function endsWell(child: ChildProcess): Promise<boolean> {
  await once(child, "close");
  return child.exitCode === 0;
}
