import assert from "node:assert/strict";
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type Ran, vmstationWith } from "../../support/command-line";
import { begins, ends, SUMMARY } from "./follow/engine-events";

const VMSTATION = resolve(__dirname, "../../../scripts/vmstation.cjs");

/** Stands for the CLI: notes how it was called, makes stacks as the real one does, leaves a file. */
const CLI = `#!/usr/bin/env node
const fs = require("fs");
const [command, sub, name] = process.argv.slice(2);
const { env } = process;
const call = { args: process.argv.slice(2), cwd: process.cwd(), env };
const copy = process.argv[process.argv.indexOf("--config-file") + 1];
if (process.argv.includes("--config-file")) call.config = fs.readFileSync(copy, "utf8");
fs.appendFileSync(env.CALLS, JSON.stringify(call) + "\\n");
if (command === "stack" && sub === "init") {
  const folder = require("url").fileURLToPath(env.PULUMI_BACKEND_URL) + "/.pulumi/stacks/home";
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(folder + "/" + name + ".json", "{}");
  fs.writeFileSync("Pulumi." + name + ".yaml", "encryptionsalt: v1:salt\\n");
} else {
  fs.writeFileSync(env.TMPDIR + "/kubeconfig123", "secret");
  if (env.HANG) setInterval(() => undefined, 1000);
  else process.exitCode = Number(env.CODE ?? 0);
  const log = process.argv.indexOf("--event-log");
  if (log > 0 && env.EVENTS) fs.copyFileSync(env.EVENTS, process.argv[log + 1]);
  process.on("SIGTERM", () => process.exit(7));
  if (env.HANG) fs.writeFileSync(env.HANG, "");
}
`;

const callSchema = z.object({
  args: z.array(z.string()),
  cwd: z.string(),
  env: z.record(z.string(), z.string()),
  config: z.string().optional(),
});

describe("vmstation pulumi", function () {
  this.timeout(30_000);
  let root = "";
  let project = "";

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "vmstation-test-"));
    // A checkout may lie below a folder of any name.
    project = join(root, `it's a "project": 100%h #1 ü \\ ~`);
    mkdirSync(project);
    mkdirSync(join(root, "bin"));
    writeFileSync(join(root, "bin/pulumi"), CLI, { mode: 0o755 });
    writeFileSync(join(project, "Pulumi.yaml"), "name: home\nruntime: nodejs\n");
    writeFileSync(join(project, "Pulumi.homelab.yaml"), "config:\n  home:a: 1\n");
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  /** Nothing of Pulumi's but what is given. */
  function environment(more: Record<string, string>): Record<string, string> {
    const { HOME = "", TMPDIR = "/tmp" } = process.env;
    const path = [join(root, "bin"), resolve(process.execPath, "..")].join(":");
    return {
      ...{ HOME, TMPDIR, PATH: path, VMSTATION_OFFLINE: "1" },
      ...{ PULUMI_HOME: join(root, "home"), CALLS: join(root, "calls") },
      ...more,
    };
  }

  /** The wrapper in this process. */
  function run(args: string[], more: Record<string, string> = {}): Promise<Ran> {
    return vmstationWith(environment(more), "-C", project, "pulumi", ...args);
  }

  /** The wrapper in a process of its own, which gets signals. */
  function start(
    args: string[],
    more: Record<string, string> = {},
    options: SpawnOptions = {},
  ): ChildProcess {
    return spawn(process.execPath, [VMSTATION, "-C", project, "pulumi", ...args], {
      ...{ env: environment(more), stdio: ["ignore", "pipe", "pipe"], ...options },
    });
  }

  /** With which code it ends. */
  async function ended(child: ChildProcess): Promise<unknown> {
    const [code] = (await once(child, "close")) as unknown[];
    return code;
  }

  function calls(): z.infer<typeof callSchema>[] {
    const lines = readFileSync(join(root, "calls"), "utf8").trim().split("\n");
    return lines.map((line) => callSchema.parse(JSON.parse(line)));
  }

  it("makes the stack once, away from the project, and gives the CLI a salted copy", async () => {
    assert.equal((await run(["preview", "--diff"])).status, 0);
    assert.equal((await run(["preview"])).status, 0);
    const [init, first, second, ...more] = calls();
    assert.equal(more.length, 0);
    assert.deepEqual(init?.args, ["stack", "init", "homelab", "--no-select", "--non-interactive"]);
    assert.ok(init.cwd.startsWith(join(project, ".vmstation/tmp/")));
    const copy = join(project, ".vmstation/Pulumi.homelab.yaml");
    const added = ["--stack", "homelab", "--config-file", copy];
    assert.deepEqual(first?.args, ["preview", "--diff", ...added]);
    assert.deepEqual(second?.args, ["preview", ...added]);
    assert.equal(first.cwd, project);
    for (const call of [first, second]) {
      assert.equal(call.config, "config:\n  home:a: 1\n\nencryptionsalt: v1:salt\n");
    }
  });

  it("reads another file of the configuration where the CLI reads it", async () => {
    const other = "config:\n  home:b: 2\n";
    writeFileSync(join(root, "other.yaml"), other);
    // A verb's file is where it is typed, as for plan; what the CLI gets unchanged is in its own folder.
    const typed = relative(process.cwd(), join(root, "other.yaml"));
    const words = ["preview", "--config-file", typed];
    const verb = await vmstationWith(environment({}), "-C", project, ...words);
    assert.deepEqual([verb.status, calls().at(-1)?.config], [0, other], verb.stderr);
    const passed = await run(["preview", "--config-file", "../other.yaml"]);
    assert.deepEqual([passed.status, calls().at(-1)?.config], [0, other], passed.stderr);
  });

  it("warns only in a preview if there is no key to log in with", async () => {
    const { stderr } = await run(["preview"]);
    assert.match(stderr, /^warning: an update could not log in .*no SSH agent runs here.*ssh-add/);
    const remote = "config:\n  vmstation:remote:\n    privateKeySecret: sshKey\n";
    writeFileSync(join(project, "Pulumi.homelab.yaml"), remote);
    assert.equal((await run(["preview"])).stderr, "");
  });

  it("creates the stack also to set a key of it, in the project's own file", async () => {
    assert.equal((await run(["config", "set", "home:a", "2"])).status, 0);
    const [init, set] = calls();
    assert.equal(init?.args[1], "init");
    assert.deepEqual(set?.args, ["config", "set", "home:a", "2", "--stack", "homelab"]);
  });

  it("gives the CLI a state, a passphrase and a temporary folder of its own", async () => {
    await run(["up", "--yes"]);
    const env = calls().at(-1)?.env ?? {};
    const own = join(project, ".vmstation");
    assert.equal(fileURLToPath(env.PULUMI_BACKEND_URL ?? ""), `${own}/state`);
    assert.equal(env.PULUMI_CONFIG_PASSPHRASE_FILE, join(own, "passphrase"));
    assert.equal(env.PULUMI_SKIP_UPDATE_CHECK, "1");
    assert.equal(env.PULUMI_CONTINUE_ON_ERROR, "true");
    assert.equal(env.PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL, "true");
    assert.equal(env.PULUMI_RUN_PROGRAM, undefined);
    assert.equal(env.TMPDIR?.startsWith(join(own, "tmp/")), true);
    assert.deepEqual(readdirSync(join(own, "tmp")), []);
  });

  it("shows an update's progress, once its preview went well, and tells what failed", async () => {
    const { status, stdout } = await run(["up", "--yes", "--diff"], { CODE: "1" });
    assert.equal(status, 1);
    assert.equal(calls().at(-1)?.args[0], "preview");
    assert.equal(stdout, "");
    const events = join(root, "events");
    const lines = [begins("node-a-system"), ends("node-a-system"), SUMMARY];
    writeFileSync(events, `${lines.join("\n")}\n`);
    const good = await run(["up", "--yes", "--diff"], { EVENTS: events });
    assert.equal(good.status, 0);
    assert.match(good.stdout, /^\+ node-a-system +\d s\n\nup is done after \d+ s: 1 created\n$/);
    const [preview, update] = calls().slice(-2);
    assert.deepEqual(preview?.args.slice(0, 2), ["preview", "--diff"]);
    assert.deepEqual(update?.args.slice(0, 3), ["up", "--yes", "--skip-preview"]);
    assert.equal(existsSync(update.args.at(-1) ?? ""), false);
  });

  it("runs the program to destroy, as hooks wake the machines", async () => {
    await run(["destroy"]);
    assert.equal(calls().at(-1)?.env.PULUMI_RUN_PROGRAM, "true");
  });

  it("touches no file of the project", async () => {
    await run(["up"]);
    assert.deepEqual(readdirSync(project).sort(), [
      ".vmstation",
      "Pulumi.homelab.yaml",
      "Pulumi.yaml",
    ]);
    assert.equal(
      readFileSync(join(project, "Pulumi.homelab.yaml"), "utf8"),
      "config:\n  home:a: 1\n",
    );
  });

  it("adds nothing to what the user has set up", async () => {
    const salted = "config: {}\nencryptionsalt: v1:own\n";
    writeFileSync(join(project, "Pulumi.homelab.yaml"), salted);
    const own = { PULUMI_BACKEND_URL: `file://${root}/state`, PULUMI_CONFIG_PASSPHRASE: "x" };
    await run(["preview"], own);
    const last = calls().at(-1);
    assert.deepEqual(last?.args, ["preview", "--stack", "homelab"]);
    assert.equal(last.env.PULUMI_BACKEND_URL, own.PULUMI_BACKEND_URL);
    assert.equal(last.env.PULUMI_CONFIG_PASSPHRASE_FILE, undefined);
    assert.equal(existsSync(join(project, ".vmstation/passphrase")), false);
  });

  it("keeps the exit code", async () => {
    assert.equal((await run(["up"], { CODE: "255" })).status, 255);
  });

  /** Resolves once a file is there. */
  function written(file: string): Promise<void> {
    return new Promise((done) => {
      const watcher = watch(root, () => {
        if (!existsSync(file)) return;
        watcher.close();
        done();
      });
    });
  }

  it("passes signals on, waits for the CLI to end well, and leaves no temporary file", async () => {
    const flag = join(root, "hanging");
    const started = written(flag);
    const child = start(["up"], { HANG: flag });
    const end = ended(child);
    await started;
    child.kill("SIGTERM");
    assert.equal(await end, 7);
    assert.deepEqual(readdirSync(join(project, ".vmstation/tmp")), []);
  });

  it("tells the CLI to cancel if the terminal is closed", async () => {
    // Like the real one, and unlike a program of Node's, it leaves ignored what it was told to ignore.
    const cli = [
      "#!/bin/sh",
      'if [ "$1 $2" = "stack init" ]; then echo "encryptionsalt: v1:salt" >"Pulumi.$3.yaml"; exit 0; fi',
      'mkfifo "$HANG.fifo"',
      'cat "$HANG.fifo" &',
      "trap 'kill $!; exit 7' TERM",
      ': >"$HANG"',
      "wait",
      "",
    ];
    writeFileSync(join(root, "bin/pulumi"), cli.join("\n"), { mode: 0o755 });
    const flag = join(root, "hanging");
    const started = written(flag);
    const PATH = [join(root, "bin"), process.env.PATH].join(":");
    const child = start(["up"], { HANG: flag, PATH }, { detached: true });
    const end = ended(child);
    await started;
    // The kernel tells all of the foreground, which the CLI is part of.
    process.kill(-(child.pid ?? Number.NaN), "SIGHUP");
    assert.equal(await end, 7);
    assert.deepEqual(readdirSync(join(project, ".vmstation/tmp")), []);
  });

  it("says what to install where there is no CLI", async () => {
    rmSync(join(root, "bin/pulumi"));
    const { status, stderr } = await run(["up"]);
    assert.equal(status, 2);
    assert.match(stderr, /^There is no Pulumi CLI: .*\. How to install it: https:\S+\n$/);
  });

  it("refuses a stack that has no file, in a sentence", async () => {
    const { status, stderr } = await run(["up", "-s", "other"]);
    assert.equal(status, 2);
    assert.match(
      stderr,
      /^There is no stack "other": .*Pulumi\.other\.yaml does not exist\. Did you mean homelab\?\n/,
    );
  });
});
