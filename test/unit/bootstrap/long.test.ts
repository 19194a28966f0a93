import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import * as fs from "node:fs";
import { renderStdin } from "../../../components/remote/render-stdin";
import type { Step } from "../../../components/remote/step";
import { Sandbox } from "../../support/sandbox";

/**
 * What stands in for systemd, in bash: a unit is a process in a session of its own. The real one is met on
 * the rig.
 */
const SYSTEMD = `
unit_pid() { cat "$STATE/unit.pid" 2>/dev/null || echo 0; }
unit_runs() { [ "$(unit_pid)" -gt 0 ] && kill -0 "$(unit_pid)" 2>/dev/null; }
systemctl() {
  case "$*" in
    *ActiveState*) if unit_runs; then echo active; else echo inactive; fi ;;
    *MainPID*) if unit_runs; then unit_pid; else echo 0; fi ;;
  esac
}
systemd-run() {
  echo started >>"$STATE/starts"
  setsid /bin/sh "\${@: -1}" 9>&- >/dev/null 2>&1 </dev/null &
  echo $! >"$STATE/unit.pid"
}
step() { run_long work "$DIGEST" /bin/sh "$WORKER"; }
`;

/** Work in stages: it announces each, and waits until the test lets it go on. */
const WORKER = `
cd "$(dirname "$0")"
for stage in 1 2 3 4 5; do
  echo "stage $stage" >>"$VMSTATION_PROGRESS"
  read -r word <gate
  [ "$word" = go ] || { echo "it said $word" >"$VMSTATION_FAILURE"; exit 4; }
done
`;

/** One `up`: attached to the unit until it is cut or the unit ends. */
class Attached {
  private text = "";
  private ended = false;
  private readonly changed = new EventEmitter();

  constructor(readonly child: ChildProcess) {
    child.stderr?.on("data", (chunk: Buffer) => {
      this.text += chunk.toString();
      this.changed.emit("change");
    });
    child.once("close", () => {
      this.ended = true;
      this.changed.emit("change");
    });
  }

  /** Resolves with all that it has said once that holds `text`. */
  async says(text: string): Promise<string> {
    while (!this.text.includes(text)) {
      assert.equal(this.ended, false, `it never said ${text}:\n${this.text}`);
      await once(this.changed, "change");
    }
    return this.text;
  }

  /** The exit code, and all that it has said. */
  async end(): Promise<[number | null, string]> {
    while (!this.ended) await once(this.changed, "change");
    return [this.child.exitCode, this.text];
  }

  /** As a cut connection or a killed engine ends it: with all its children, but not the unit. */
  async cut(): Promise<void> {
    assert.ok(this.child.pid);
    process.kill(-this.child.pid, "SIGKILL");
    await this.end();
  }
}

describe("a long run", function () {
  this.timeout(30_000);
  let box: Sandbox;
  let unit: () => number;
  let gate: number;

  beforeEach(() => {
    box = new Sandbox("bash");
    unit = () => (box.exists("state/unit.pid") ? Number(box.read("state/unit.pid")) : 0);
    fs.mkdirSync(box.at("state"));
    fs.writeFileSync(box.at("worker"), WORKER);
    assert.equal(spawnSync("mkfifo", [box.at("gate")]).status, 0);
    // Held open for both: no writer that closes is taken for the end.
    gate = fs.openSync(box.at("gate"), "r+");
  });
  afterEach(() => {
    if (unit() > 0) spawnSync("kill", ["-9", "--", `-${unit()}`]);
    fs.closeSync(gate);
    box.remove();
  });

  function attach(digest: string): Attached {
    const step: Step = {
      name: "test",
      script: SYSTEMD,
      libraries: ["files", "long"],
      settings: { DIGEST: digest, WORKER: box.at("worker") },
    };
    const script = renderStdin(step, { machine: "sandbox", lockSeconds: 5 })
      .replaceAll("/var/lib/vmstation", box.at("state"))
      .replaceAll("/run/vmstation", box.at("run/vmstation"))
      .replaceAll("/run/systemd", box.at("run/systemd"));
    const child = spawn("bash", ["-eus", "apply"], {
      stdio: ["pipe", "ignore", "pipe"],
      detached: true,
    });
    child.stdin.end(script);
    return new Attached(child);
  }

  const answer = (word: string) => {
    fs.writeSync(gate, `${word}\n`);
  };
  const starts = () => box.read("state/starts").split("\n").length - 1;

  /** Lets the work go on from that stage, which it has announced, to its end. */
  async function finish(watcher: Attached, from: number): Promise<number | null> {
    for (let stage = from; stage <= 5; stage += 1) {
      await watcher.says(`stage ${stage}\n`);
      answer("go");
    }
    return (await watcher.end())[0];
  }

  // How often who watches is killed, and while the work is at which stage; the rig does it at random.
  for (const [cuts, stage] of [
    [1, 1],
    [2, 3],
    [1, 5],
  ] as const) {
    it(`goes on when who watches is killed ${cuts}× at stage ${stage}, and the next one attaches`, async () => {
      const first = attach("d1");
      for (let i = 1; i < stage; i += 1) {
        await first.says(`stage ${i}\n`);
        answer("go");
      }
      await first.says(`stage ${stage}\n`);
      await first.cut();
      for (let i = 1; i < cuts; i += 1) {
        const next = attach("d1");
        await next.says("attaching to work");
        await next.cut();
      }
      const last = attach("d1");
      await last.says("attaching to work");
      assert.equal(await finish(last, stage), 0);
      assert.equal(starts(), 1);
    });
  }

  it("that has succeeded is not run again with the same intent, and is with another", async () => {
    assert.equal(await finish(attach("d1"), 1), 0);
    assert.deepEqual([await attach("d1").end(), starts()], [[0, ""], 1]);
    assert.equal(await finish(attach("d2"), 1), 0);
    assert.equal(starts(), 2);
  });

  it("of another intent is waited for, and then ours is run", async () => {
    const first = attach("d1");
    await first.says("stage 1\n");
    const second = attach("d2");
    await second.says("of another intent, is still going on");
    await first.cut();
    for (let stage = 1; stage <= 10; stage += 1) answer("go");
    assert.equal((await second.end())[0], 0);
    assert.equal(starts(), 2);
  });

  it("that fails says what the work said, and starts again the next time", async () => {
    const first = attach("d1");
    await first.says("stage 1\n");
    answer("stop");
    const [code, said] = await first.end();
    assert.equal(code, 1);
    assert.match(said, /it said stop\n.*work ended with code 4/s);
    assert.equal(await finish(attach("d1"), 1), 0);
    assert.equal(starts(), 2);
  });

  it("whose unit was ended from outside is started again", async () => {
    const first = attach("d1");
    await first.says("stage 1\n");
    process.kill(-unit(), "SIGKILL");
    assert.match((await first.end())[1], /ended from outside/);
    assert.equal(await finish(attach("d1"), 1), 0);
    assert.equal(starts(), 2);
  });
});
