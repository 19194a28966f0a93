import assert from "node:assert/strict";
import * as fs from "node:fs";
import { fix } from "../../../scripts/verbs/drift/fix";
import { look } from "../../../scripts/verbs/drift/look";
import type { MachineReport } from "../../../scripts/kit/look/report";
import { SshClient } from "../../../scripts/kit/ssh/client";
import type { MachineTargets } from "../../../scripts/kit/look/targets";
import { chain, fileStep, FakeMachines } from "./fake-machines";

function statuses(report: MachineReport | undefined): (string | null)[][] {
  return (report?.resources ?? []).map(({ name, status, reason }) => [name, status, reason]);
}

describe("looking at machines, over a stand-in for ssh", function () {
  this.timeout(30_000);
  let machines: FakeMachines;
  beforeEach(() => {
    machines = new FakeMachines();
  });
  afterEach(() => {
    machines.remove();
  });

  function clientFor(targets: readonly MachineTargets[]): SshClient {
    return new SshClient(machines.at("client"), targets);
  }

  async function lookAt(targets: MachineTargets): Promise<MachineReport> {
    return look({ targets, client: clientFor([targets]) });
  }

  async function repair(all: readonly MachineTargets[], dryRun = false) {
    const client = clientFor(all);
    const reports = await Promise.all(all.map((targets) => look({ targets, client })));
    const lines: string[] = [];
    const onOutput = (line: string): void => void lines.push(line);
    return { reports: await fix({ targets: all, reports, client, dryRun, onOutput }), lines };
  }

  it("names the machine whose answer makes no sense, and reads the others", async () => {
    machines.write("beta/same", "x\n");
    const [alpha, beta] = ["alpha", "beta"].map((name) => chain(name, [fileStep("same", "x\n")]));
    assert.ok(alpha !== undefined && beta !== undefined);
    const nonsense: Pick<SshClient, "run" | "sessionsTo"> = {
      sessionsTo: () => 1,
      run: (_machine, _connection, { input, onOutput }) => {
        const token = /start (\w+)/.exec(input)?.[1] ?? "";
        onOutput?.(Buffer.from(`${token} ready\n${token} 0 0\n`));
        return Promise.resolve({ code: 0, stderr: "" });
      },
    };
    const [broken, good] = await Promise.all([
      look({ targets: alpha, client: nonsense }),
      lookAt(beta),
    ]);
    assert.equal(broken.status, "could-not-look");
    assert.match(
      broken.error ?? "",
      /its answer could not be read .*\n {2}to do: check .* 'df \/run'/,
    );
    assert.deepEqual(statuses(good), [["beta-same", "as-described", null]]);
  });

  it("finds in one session what is as described, what has drifted and what cannot be told", async () => {
    machines.write("alpha/same", "x\n");
    machines.write("alpha/other", "theirs\n");
    const targets = chain("alpha", [
      fileStep("same", "x\n"),
      fileStep("other", "ours\n"),
      "it is unknown",
      fileStep("broken", "", { script: "step() { fail 'no such thing' 'look'; }" }),
    ]);
    const report = await lookAt(targets);
    assert.equal(report.status, "looked-at");
    assert.deepEqual(
      report.resources.map(({ name, status }) => [name, status]),
      [
        ["alpha-same", "as-described"],
        ["alpha-other", "drifted"],
        ["alpha-2", "not-compared"],
        ["alpha-broken", "could-not-look"],
      ],
    );
    const [, , unknown, broken] = report.resources;
    assert.equal(unknown?.reason, "it is unknown");
    const cause =
      /^its check stopped with code 1:\nvmstation: alpha: broken: no such thing\n {2}to do: look/;
    assert.match(broken?.reason ?? "", cause);
    const [difference] = report.resources[1]?.differences ?? [];
    assert.match(
      difference?.details ?? "",
      /^--- described\n\+\+\+ machine\n@@.*\n-ours\n\+theirs$/,
    );
    assert.equal(machines.sessions().length, 1);
    assert.equal(report.sessions, 1);
    assert.match(machines.sessions()[0] ?? "", / -- 10\.0\.0\.1 sudo -n sh -us$/);
  });

  it("never runs a step that has nothing to check", async () => {
    const mark = "step() { : >/machine/ran; }";
    const report = await lookAt(
      chain("alpha", [
        fileStep("preflight", "", { script: mark, checks: false }),
        fileStep("ready", "", { script: mark, checks: false, confirms: ["firewall"] }),
      ]),
    );
    assert.deepEqual(report.resources, []);
    assert.deepEqual(machines.sessions(), []);
    assert.equal(fs.existsSync(machines.at("alpha/ran")), false);
  });

  it("leaves nothing behind on the machine and changes nothing there", async () => {
    await lookAt(chain("alpha", [fileStep("one", "x\n")]));
    assert.deepEqual(fs.readdirSync(machines.at("alpha")).sort(), ["run", "script"]);
    assert.deepEqual(fs.readdirSync(machines.at("alpha/run")), ["vmstation"]);
  });

  it("is not misled by what a log-in prints", async () => {
    machines.write("alpha.greeting", "Welcome\n0 0 0 0\n");
    machines.write("alpha/one", "x\n");
    const report = await lookAt(chain("alpha", [fileStep("one", "x\n")]));
    assert.deepEqual(statuses(report), [["alpha-one", "as-described", null]]);
  });

  it("gives every resource of a machine that is asleep, away or silent its machine's status", async () => {
    machines.write("beta.ssh", "ssh: connect to host 10.0.0.1 port 22: Connection timed out\n");
    const step = fileStep("one", "x\n");
    const asleep = await lookAt(chain("beta", [step], { sleeps: true }));
    assert.deepEqual([asleep.status, asleep.error], ["asleep", null]);
    assert.deepEqual(statuses(asleep), [["beta-one", "asleep", null]]);
    const silent = await lookAt(chain("beta", [step]));
    assert.deepEqual(statuses(silent), [["beta-one", "unreachable", null]]);
    const before = machines.sessions().length;
    const away = await lookAt(chain("beta", [step], { offline: true }));
    assert.deepEqual(statuses(away), [["beta-one", "offline", null]]);
    assert.equal(machines.sessions().length, before, "a machine that is away is not asked");
  });

  it("says that sudo is what is missing", async () => {
    machines.write("alpha/no-sudo", "");
    const report = await lookAt(chain("alpha", [fileStep("one", "x\n")]));
    assert.equal(report.status, "could-not-look");
    assert.match(
      report.error ?? "",
      /no root shell for ops:\nsudo: a password is required\n {2}to do/,
    );
  });

  it("counts as not looked at what a connection that ends early did not come to", async () => {
    machines.write("alpha/one", "x\n");
    // The driver is the parent of `timeout`, which is the parent of the step's shell.
    const script = `step() { kill -9 "$(awk '/^PPid:/ {print $2}' /proc/$PPID/status)"; }`;
    const steps = [fileStep("one", "x\n"), fileStep("cut", "", { script })];
    const report = await lookAt(chain("alpha", steps));
    assert.equal(report.status, "could-not-look");
    assert.deepEqual(
      report.resources.map(({ status }) => status),
      ["as-described", "could-not-look"],
    );
  });

  it("mends what has drifted, each in a session of its own, and looks again", async () => {
    machines.write("alpha/two", "theirs\n");
    machines.write("alpha/three", "x\n");
    const targets = chain(
      "alpha",
      ["one", "two", "three"].map((name) => fileStep(name, "x\n")),
    );
    const { reports, lines } = await repair([targets]);
    const fixes = reports[0]?.resources.map(({ status, fix: done }) => [status, done?.outcome]);
    assert.deepEqual(fixes, [
      ["mended", "mended"],
      ["mended", "mended"],
      ["as-described", undefined],
    ]);
    assert.equal(fs.readFileSync(machines.at("alpha/two"), "utf8"), "x\n");
    const commands = machines.sessions().map((line) => line.replace(/^.* -- \S+ /, ""));
    const apply = "sudo -n sh -eus apply";
    assert.deepEqual(commands, ["sudo -n sh -us", apply, apply, "sudo -n sh -us"]);
    assert.equal(reports[0]?.sessions, 4);
    assert.match(lines.join("\n"), /^alpha: one: changing \S+\/one$/m);
  });

  it("confirms a mended firewall also where a later step fails, and skips what comes after", async () => {
    const refuse = fileStep("sshd", "x\n", {
      script: "step() { if applying; then fail 'refused' 'mend it'; fi; ensure_files; }",
    });
    const ready = fileStep("ready", "", {
      ...{ script: "step() { : >/machine/confirmed; }", checks: false },
      confirms: ["firewall", "sshd"],
    });
    const targets = chain("alpha", [
      ...[fileStep("firewall", "x\n"), refuse, ready],
      fileStep("apps", "x\n"),
    ]);
    const { reports } = await repair([targets]);
    const [report] = reports;
    assert.deepEqual(
      report?.resources.map(({ name, status, fix: done }) => [name, status, done?.outcome]),
      [
        ["alpha-firewall", "mended", "mended"],
        ["alpha-sshd", "drifted", "failed"],
        ["alpha-apps", "drifted", "skipped"],
      ],
    );
    assert.match(
      report.resources[1]?.fix?.error ?? "",
      /vmstation: alpha: sshd: refused\n {2}to do/,
    );
    assert.deepEqual(report.confirmations, [
      { urn: "urn:alpha:2", name: "alpha-ready", outcome: "mended", error: null },
    ]);
    assert.equal(fs.existsSync(machines.at("alpha/confirmed")), true);
    assert.equal(fs.existsSync(machines.at("alpha/apps")), false);
  });

  it("says what is still different after an update that did not help", async () => {
    const stubborn = fileStep("one", "x\n", {
      script: "step() { ! checking || drift unit x 'is down'; }",
    });
    const { reports } = await repair([chain("alpha", [stubborn])]);
    const [resource] = reports[0]?.resources ?? [];
    assert.equal(resource?.status, "drifted");
    assert.deepEqual(resource.fix, { outcome: "still-drifted", error: "unit x: is down" });
  });

  it("only says what it would run in a dry run", async () => {
    const targets = chain("alpha", [fileStep("one", "x\n")]);
    const { reports } = await repair([targets], true);
    const [resource] = reports[0]?.resources ?? [];
    assert.deepEqual([resource?.status, resource?.fix?.outcome], ["drifted", "would-run"]);
    assert.equal(machines.sessions().length, 1);
    assert.equal(fs.existsSync(machines.at("alpha/one")), false);
  });

  it("shows nothing of what a step with secrets prints", async () => {
    const step = fileStep("key", "hunter2\n", {
      script: "step() { ! applying || say hunter2; ensure_files; }",
    });
    machines.write("alpha/key", "hunter2-old\n");
    const { reports, lines } = await repair([chain("alpha", [step], { secret: true })]);
    assert.equal(reports[0]?.resources[0]?.status, "mended");
    assert.doesNotMatch(JSON.stringify(reports) + lines.join("\n"), /hunter2/);
    assert.doesNotMatch(machines.sessions().join("\n"), /hunter2/);
  });
});
