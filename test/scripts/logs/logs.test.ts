import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { resolve as resolvePath } from "node:path";
import fc from "fast-check";
import { LogStream } from "../../../scripts/kit/ssh/log-stream";
import { parseSince, renderJournal } from "../../../scripts/verbs/logs/render-journal";
import { OperationsLab } from "../operations/lab";

const LOOK = { unit: undefined, since: undefined, lines: undefined, follow: false };

const VMSTATION = resolvePath(__dirname, "../../../scripts/vmstation.cjs");

describe("vmstation logs", () => {
  let lab: OperationsLab;
  beforeEach(() => {
    lab = new OperationsLab();
    // As a machine: the script that arrives is run, with a journalctl of the test's.
    lab.write("bin/journalctl", `#!/bin/sh\nfor word; do echo "$word"; done`, 0o755);
    lab.answer("maple", `PATH=${lab.at("bin")}:$PATH exec sh -eus`);
  });
  afterEach(() => {
    lab.remove();
  });

  it("shows the last lines of the whole journal by default", async () => {
    const { code, stdout } = await lab.run("logs", "maple");
    assert.equal(code, 0);
    assert.equal(stdout, "--no-pager\n--output=short-iso\n--lines=200\n");
    assert.deepEqual(lab.sessions(), ["maple sudo -n sh -eus"]);
  });

  it("asks for a unit since a time, and follows it", async () => {
    const { stdout } = await lab.run("logs", "maple", "kubelet", "--since", "2h", "--follow");
    assert.match(stdout, /\n--unit=kubelet\n--since=-2h\n--lines=all\n--follow\n$/);
  });

  it("passes every word to journalctl unchanged, with any characters", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (unit, since) => {
        const text = renderJournal({ ...LOOK, unit, since });
        const words = [...text.matchAll(/'((?:[^']|'\\'')*)'/g)].map(([, word = ""]) =>
          word.replaceAll(`'\\''`, "'"),
        );
        assert.ok(words.includes(`--unit=${unit}`) && words.includes(`--since=${since}`), text);
        assert.equal(
          text.replaceAll(/'((?:[^']|'\\'')*)'/g, "").replaceAll(" ", ""),
          "execjournalctl</dev/null\n",
        );
      }),
    );
  });

  it("lets no secret and no terminal command through", async () => {
    lab.write("bin/journalctl", `#!/bin/sh\nprintf 'a password=hunter2 \\033[2J b\\n'`, 0o755);
    const { stdout } = await lab.run("logs", "maple");
    assert.equal(stdout, "a password=<redacted> \\x1b[2J b\n");
  });

  it("says that a machine is asleep, wakes nobody, and where its logs are anyway", async () => {
    lab.silence("hazel");
    const { code, stdout, stderr } = await lab.run("logs", "hazel");
    assert.deepEqual([code, stdout], [2, ""]);
    const npx = `npx vmstation -C ${lab.root}`;
    assert.equal(
      stderr,
      "hazel: asleep; it was not woken\n" +
        `To wake it: ${npx} wake hazel --stack homelab\n` +
        `The lines that it sent are on maple: ${npx} ssh maple --stack homelab -- sudo ls /var/log/remote/hazel\n`,
    );
    assert.deepEqual(lab.sessions(), ["hazel sudo -n sh -eus"]);
  });

  it("passes on what journalctl does not understand", async () => {
    lab.write(
      "bin/journalctl",
      "#!/bin/sh\necho 'Failed to parse timestamp: noon-ish' >&2; exit 1",
      0o755,
    );
    const { code, stderr } = await lab.run("logs", "maple", "--since", "noon-ish");
    assert.deepEqual([code, stderr], [2, "maple: Failed to parse timestamp: noon-ish\n"]);
  });

  it("ends the session when it is interrupted, with 0 and nothing left behind", async () => {
    lab.answer("maple", `echo begun; echo $$ >"$BOX/pid"; exec tail -f /dev/null`);
    const words = ["-C", lab.root, "logs", "maple", "-f"];
    const child = spawn(process.execPath, [VMSTATION, ...words], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    child.stdout.once("data", () => child.kill("SIGTERM"));
    assert.equal(await new Promise((resolve) => child.on("close", resolve)), 0);
    assert.throws(() => process.kill(Number(lab.read("pid")), 0), /ESRCH/);
    assert.deepEqual(fs.readdirSync(lab.at(".vmstation/tmp")), []);
  });

  it("refuses a number of lines that is no number", async () => {
    const { code, stderr } = await lab.run("logs", "maple", "--lines", "0");
    assert.equal(code, 2);
    assert.match(stderr, /'0' is invalid\. It must be a whole number from 1, such as 500\./);
    assert.deepEqual(lab.sessions(), []);
    const { stdout } = await lab.run("logs", "maple", "--lines", "20");
    assert.match(stdout, /^--lines=20$/m);
  });

  it("takes durations as ages, and leaves the rest to journalctl", () => {
    assert.deepEqual(["30m", "1.5h", "yesterday", "2026-11-20 13:00", undefined].map(parseSince), [
      "-30m",
      "-1.5h",
      "yesterday",
      "2026-11-20 13:00",
      undefined,
    ]);
  });
});

describe("a stream of log lines", () => {
  it("is the same however it is cut into pieces", () => {
    const whole = Buffer.from("eins zwei drei – ä\npassword: hunter2\nlast", "utf8");
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length)), (cuts) => {
        let text = "";
        const stream = new LogStream((more) => (text += more));
        const ends = [...new Set([...cuts, whole.length])].sort((a, b) => a - b);
        ends.reduce((from, to) => {
          stream.push(whole.subarray(from, to));
          return to;
        }, 0);
        stream.end();
        assert.equal(text, "eins zwei drei – ä\npassword: <redacted>\nlast\n");
      }),
      { numRuns: 50 },
    );
  });
});
