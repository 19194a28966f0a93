import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Secret } from "../../../scripts/engine/values";
import type { Machine } from "../machine";
import type { Rig } from "../rig";
import { useRig } from "../use-rig";
import { waitFor } from "../wait";
import { apply, destroy, type ApplyArgs, type ApplyResult } from "./apply";
import { HOMELAB } from "../machine-spec";

type Commands = Record<string, Record<string, unknown>>;

describe("the runner that applies a program", () => {
  const getRig = useRig({ machines: HOMELAB.slice(2) });
  let rig: Rig;
  let machine: Machine;
  let folder: string;

  before(() => {
    rig = getRig();
    machine = rig.machine("hazel");
  });

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "vmstation-engine-"));
    writeFileSync(diaryFile(), "");
    await machine.exec("rm -f /home/ops/*");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("creates in the order of what needs what, and then changes nothing", async () => {
    const commands = {
      first: { create: "echo first >> log; echo '  one  '; echo; echo two >&2" },
      second: { create: "echo second >> log", dependsOn: ["first"] },
      third: { create: "cat >> log", stdin: "third\n", dependsOn: ["second"] },
    };
    const result = await up(commands);
    assert.deepEqual(result.names("create"), ["first", "second", "third"]);
    assert.equal(await log(), "first\nsecond\nthird\n");
    assert.deepEqual(result.outputs.stdouts, { first: "  one  \n", second: "", third: "" });
    assert.deepEqual(diary(), ["create first", "create second", "create third"]);

    const again = await up(commands);
    assert.deepEqual(again.names("same"), ["first", "second", "third"]);
    assert.equal(await log(), "first\nsecond\nthird\n");
    assert.equal(diary().length, 3, "hooks run only where there is work");
    assert.deepEqual(again.outputs.stdouts, result.outputs.stdouts);
  });

  it("runs update, or else create, when an input changes", async () => {
    await up({
      both: { create: "echo created >> log; echo A", update: "echo updated >> log; echo B" },
      one: { create: "echo one >> log; cat", stdin: "1", dependsOn: ["both"] },
    });
    const result = await up({
      both: { create: "echo created >> log; echo A", update: "echo updated again >> log; echo C" },
      one: { create: "echo one >> log; cat", stdin: "2", dependsOn: ["both"] },
    });
    assert.deepEqual(result.names("update"), ["both", "one"]);
    assert.equal(await log(), "created\none\nupdated again\none\n");
    assert.deepEqual(result.outputs.stdouts, { both: "C", one: "2" });
    assert.deepEqual(diary().slice(2), ["update both", "update one"]);
  });

  it("replaces on a changed trigger, the new before the old by default", async () => {
    const commands = (trigger: string): Commands => ({
      after: {
        create: `echo create ${trigger} >> log`,
        delete: `echo delete ${trigger} >> log`,
        triggers: [trigger],
      },
    });
    const before = (trigger: string): Commands => ({
      after: { ...commands(trigger).after, deleteBeforeReplace: true },
    });
    await up(commands("1"));
    assert.deepEqual((await up(commands("2"))).names("replace"), ["after"]);
    assert.equal(await log(), "create 1\ncreate 2\ndelete 1\n");
    await up(before("3"));
    assert.equal(await log(), "create 1\ncreate 2\ndelete 1\ndelete 2\ncreate 3\n");
  });

  it("deletes what is described no more, dependents first, with the command of its last apply", async () => {
    await up({
      base: { create: "true", delete: "echo base $(cat) >> log", stdin: "input" },
      upper: { create: "true", delete: "echo upper >> log", dependsOn: ["base"] },
      stays: { create: "true", delete: "echo stays >> log" },
    });
    const result = await up({ stays: { create: "true", delete: "echo stays >> log" } });
    assert.deepEqual(result.names("delete"), ["base", "upper"]);
    assert.equal(await log(), "upper\nbase input\n");
    assert.deepEqual(diary().slice(3), ["delete upper", "delete base"]);
    assert.deepEqual((await tearDown({ stays: {} })).names("delete"), ["stays"]);
    assert.equal(await log(), "upper\nbase input\nstays\n");
    assert.deepEqual(JSON.parse(readFileSync(stateFile(), "utf8")), { resources: [] });
  });

  it("skips what needs a failed resource, does the rest, and converges on a retry", async () => {
    const commands = (text: string): Commands => ({
      bad: { create: `echo some output; echo and error >&2; ${text}` },
      needing: { create: "echo needing >> log", dependsOn: ["bad"] },
      indirect: { create: "echo indirect >> log", dependsOn: ["needing"] },
      refused: { create: "echo refused >> log" },
      other: { create: "echo other >> log" },
    });
    const result = await up(commands("exit 3"));
    assert.deepEqual(result.names("fail"), ["bad", "refused"]);
    assert.deepEqual(result.names("skip"), ["indirect", "needing"]);
    assert.deepEqual(result.names("create"), ["other"]);
    assert.equal(await log(), "other\n");
    const [error] = result.steps.flatMap((step) => (step.name === "bad" ? [step.error ?? ""] : []));
    assert.match(error ?? "", /^Process exited with status 3: running "echo .*":\n/);
    assert.deepEqual(error?.split("\n").slice(1).sort(), ["", "and error", "some output"]);
    const retry = await up(commands("true"));
    assert.deepEqual(retry.names("create"), ["bad", "indirect", "needing"]);
    assert.deepEqual(retry.names("same"), ["other"]);
    assert.equal(await log(), "other\nneeding\nindirect\n");
  });

  it("keeps the old state when an update fails, so that it is tried again", async () => {
    const update = (text: string): Commands => ({ one: { create: "true", update: text } });
    await up(update("true"));
    assert.deepEqual((await up(update("exit 1"))).names("fail"), ["one"]);
    assert.deepEqual((await up(update("echo now >> log"))).names("update"), ["one"]);
    assert.equal(await log(), "now\n");
  });

  it("leaves a resource alone whose changes are all ignored", async () => {
    await up({ one: { create: "echo 1 >> log" } });
    const result = await up({ one: { create: "echo 2 >> log", ignoreChanges: ["*"] } });
    assert.deepEqual(result.names("same"), ["one"]);
    assert.equal(await log(), "1\n");
  });

  it("does not take for an apply what ends before it has registered anything", async () => {
    const broken = path.join(folder, "broken");
    const write = (program: string): void => {
      writeFileSync(path.join(broken, "index.ts"), program);
    };
    cpSync(path.join(__dirname, "program"), broken, { recursive: true });
    symlinkSync(path.join(__dirname, "../../../node_modules"), path.join(broken, "node_modules"));
    write("this is no program");
    const { exitCode, errors, steps } = await up({}, { folder: broken });
    assert.deepEqual([exitCode, steps.length], [32, 0]);
    assert.match(errors.join("\n"), /index\.ts/);
    write("process.stderr.write('gone\\n'); process.exit(3);");
    await assert.rejects(up({}, { folder: broken }), /ended with exit code 3:\n[^]*gone/);
  });

  it("takes a megabyte on stdin byte for byte", async () => {
    const stdin = "a'\"\\$()`%\u00e9\u{1f600}\n";
    await up({ one: { create: "cat > log", stdin, times: 70_000 } });
    assert.equal(await log(), stdin.repeat(70_000));
  });

  it("marks secrets in the state, and finds them there again", async () => {
    const commands = { one: { create: "cat; cat > log", secretOutput: true } };
    const token = "s3cret-and-'quoted'";
    const first = await up(commands, { secrets: { token } });
    assert.deepEqual(first.outputs.stdouts, { one: new Secret(token) });
    assert.deepEqual((await up(commands, { secrets: { token } })).names("same"), ["one"]);
    assert.deepEqual((await up(commands, { secrets: { token: "new" } })).names("update"), ["one"]);
  });

  it("refuses a host key that differs, and environment that sshd would not take", async () => {
    const hostKey = machine.hostKey.replace(/.{8}$/, "AAAAAAAA");
    const result = await up({
      key: { create: "echo never >> log", connection: { hostKey, dialErrorLimit: 1 } },
      variable: { create: "echo never >> log", environment: { TOKEN: "x" } },
    });
    assert.deepEqual(result.names("fail"), ["key", "variable"]);
    const errors = result.steps.map(({ error }) => error).sort();
    assert.match(
      errors[0] ?? "",
      /^after 1 failed attempts: ssh: handshake failed: .*verification/,
    );
    assert.equal(errors[1], 'could not set environment variable "TOKEN"');
    assert.equal(await log(), "");
  });

  it("dials until a machine answers", async () => {
    await machine.exec("systemctl stop ssh.service");
    const running = up({ one: { create: "echo there >> log" } });
    await waitFor("the hook, just before the first dial", () =>
      Promise.resolve(diary().length > 0),
    );
    await machine.exec("systemctl start ssh.service");
    assert.deepEqual((await running).names("create"), ["one"]);
  });

  it("fails a command whose connection is lost", async () => {
    const running = up({ one: { create: "touch begun; sleep 1000" } });
    await waitFor("the command", async () =>
      (await machine.exec("ls /home/ops")).stdout.includes("begun"),
    );
    await machine.exec("pkill -u ops sshd");
    const { steps } = await running;
    assert.match(steps[0]?.error ?? "", /^wait: remote command exited without exit status/);
  });

  function up(commands: Commands, more: Partial<ApplyArgs> = {}): Promise<ApplyResult> {
    return apply(argsFor(commands, more));
  }

  function tearDown(commands: Commands): Promise<ApplyResult> {
    return destroy(argsFor(commands, {}));
  }

  function argsFor(commands: Commands, more: Partial<ApplyArgs>): ApplyArgs {
    const list = Object.entries(commands).map(([name, spec]) => ({ name, ...spec }));
    const connection = { host: machine.address, user: machine.sshUser, hostKey: machine.hostKey };
    return {
      folder: path.join(__dirname, "program"),
      stack: "test",
      stateFile: stateFile(),
      settings: [
        `connection=${JSON.stringify({ ...connection, agentSocketPath: rig.agentSocket })}`,
        `commands=${JSON.stringify(list)}`,
        `diary=${diaryFile()}`,
      ],
      ...more,
    };
  }

  function stateFile(): string {
    return path.join(folder, "state.json");
  }

  function diaryFile(): string {
    return path.join(folder, "diary");
  }

  function diary(): string[] {
    return readFileSync(diaryFile(), "utf8").trim().split("\n").filter(Boolean);
  }

  async function log(): Promise<string> {
    return (await machine.exec("if [ -e /home/ops/log ]; then cat /home/ops/log; fi")).stdout;
  }
});
