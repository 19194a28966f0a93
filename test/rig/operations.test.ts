import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { run, type CommandResult } from "./command";
import type { Rig } from "./rig";
import { useRig } from "./use-rig";
import { waitFor } from "./wait";

const ROOT = path.join(__dirname, "../..");

const preflightReport = z.object({
  machines: z.array(
    z.object({
      machine: z.string(),
      status: z.string(),
      findings: z.array(z.object({ what: z.string(), found: z.string() })),
    }),
  ),
});

const diagnosis = z.object({
  machines: z.array(
    z.object({
      machine: z.string(),
      status: z.string(),
      sections: z.array(z.object({ name: z.string(), code: z.number(), text: z.string() })),
    }),
  ),
});

describe("the operator's verbs over SSH", () => {
  const getRig = useRig();
  let rig: Rig;
  let folder: string;
  let configFile: string;

  const words = (verb: string): string[] => [
    ...["scripts/vmstation.cjs", "-C", ROOT, verb, "--stack", "rig", "--config-file", configFile],
  ];
  const env = (): NodeJS.ProcessEnv => ({ ...process.env, SSH_AUTH_SOCK: rig.agentSocket });
  const vmstation = (verb: string, ...args: string[]): Promise<CommandResult> =>
    run(process.execPath, [...words(verb), ...args], { anyCode: true, env: env() });

  before(() => {
    rig = getRig();
    folder = mkdtempSync(path.join(tmpdir(), "vmstation-operations-"));
    configFile = path.join(folder, "Pulumi.rig.yaml");
    const document: unknown = parse(readFileSync(path.join(__dirname, "Pulumi.rig.yaml"), "utf8"));
    for (const { name, hostKey } of rig.machines) pin(document, name, hostKey);
    writeFileSync(configFile, stringify(document));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("find bare machines fit, and change nothing on them", async () => {
    const stamp = "find /etc /var/lib /usr/local -newer /run/stamp -not -path '*/systemd/*' | head";
    const machine = rig.machine("hazel");
    await machine.exec("touch /run/stamp");
    const { code, stdout, stderr } = await vmstation("preflight", "--json");
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(
      preflightReport.parse(JSON.parse(stdout)).machines.map(({ status }) => status),
      ["as-described", "as-described", "as-described"],
    );
    assert.equal((await machine.exec(stamp)).stdout, "");
  });

  it("report every finding of every machine at once, and leave one asleep that sleeps", async () => {
    await rig.machine("hazel").exec("mkdir -p /etc/kubernetes; touch /etc/kubernetes/kubelet.conf");
    await rig
      .machine("maple")
      .exec(
        `cp -L /etc/os-release /etc/os-release.bak; printf '%s\\n' 'PRETTY_NAME="Debian 11"' ID=debian 'VERSION_ID="11"' >/etc/os-release`,
      );
    await rig.machine("spruce").freeze();
    try {
      const { code, stdout } = await vmstation("preflight", "--json");
      assert.equal(code, 1, stdout);
      assert.deepEqual(
        preflightReport
          .parse(JSON.parse(stdout))
          .machines.map(({ machine, status, findings }) => [
            machine,
            status,
            findings.map(({ what, found }) => `${what}: ${found}`),
          ]),
        [
          ["hazel", "not-as-described", ["existing cluster: /etc/kubernetes/kubelet.conf"]],
          [
            "maple",
            "not-as-described",
            ["operating system: Debian 11, which VMStation does not know"],
          ],
          ["spruce", "asleep", []],
        ],
      );
    } finally {
      await rig.machine("spruce").thaw();
      await rig.machine("hazel").exec("rm -r /etc/kubernetes");
    }
  });

  it("show a unit's journal without its secrets", async () => {
    await rig.machine("hazel").exec("logger -t probe 'starts with password=hunter2 here'");
    const { code, stdout } = await vmstation("logs", "hazel", "--since", "5m");
    assert.equal(code, 0);
    assert.match(stdout, /probe.*starts with password=<redacted> here/);
    const unit = await vmstation("logs", "hazel", "ssh", "-n", "3");
    assert.equal(unit.stdout.trimEnd().split("\n").length, 3, unit.stdout);
  });

  it("follow a journal, and leave nothing running there when they are ended", async () => {
    const machine = rig.machine("hazel");
    const child = spawn(process.execPath, [...words("logs"), "hazel", "-f"], {
      env: env(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
    const ended = new Promise((resolve) => child.on("close", resolve));
    await waitFor("the first lines", () => Promise.resolve(text !== ""));
    await machine.exec("logger -t probe a-line-that-comes-later");
    await waitFor("the new line", () => Promise.resolve(text.includes("a-line-that-comes-later")));
    child.kill("SIGINT");
    await ended;
    await waitFor("journalctl to end", async () => {
      return (await machine.exec("pgrep -x journalctl || echo none")).stdout.trim() === "none";
    });
  });

  it("collect evidence of the machines that are awake, side by side, and wake nobody", async () => {
    await rig
      .machine("hazel")
      .exec("systemd-run --unit probe-that-fails false; logger -p err token=abcdef1234");
    await rig.machine("spruce").freeze();
    const output = path.join(folder, "evidence");
    try {
      const { code, stdout, stderr } = await vmstation("diagnose", "--output", output);
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /^spruce: asleep$/m);
      assert.match(stdout, /^- hazel: the unit probe-that-fails\.service has failed$/m);
      assert.equal(rig.machine("spruce").state, "asleep");
    } finally {
      await rig.machine("spruce").thaw();
    }
    const text = readFileSync(path.join(output, "report.json"), "utf8");
    const { machines } = diagnosis.parse(JSON.parse(text));
    assert.deepEqual(
      machines.map(({ machine, status }) => [machine, status]),
      [
        ["hazel", "collected"],
        ["maple", "collected"],
        ["spruce", "asleep"],
      ],
    );
    const [{ sections } = { sections: [] }] = machines;
    const textOf = (name: string): string => sections.find((s) => s.name === name)?.text ?? "";
    assert.match(textOf("journal warnings"), /token=<redacted>/);
    assert.match(textOf("addresses"), /10\.213\.0\.62/);
    assert.ok(!text.includes("abcdef1234"));
    const left = await rig.machine("hazel").exec("ls /run | grep vmstation-diagnose || echo none");
    assert.equal(left.stdout.trim(), "none");
  });

  it("say asleep of a machine whose logs are asked for", async () => {
    await rig.machine("hazel").freeze();
    try {
      const { code, stderr } = await vmstation("logs", "hazel");
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^hazel: asleep; it was not woken\nTo wake it: npx vmstation .*wake hazel --stack \S+\n/,
      );
    } finally {
      await rig.machine("hazel").thaw();
    }
  });
});

function pin(document: unknown, machine: string, hostKey: string): void {
  const shape = z.object({
    config: z.object({ "vmstation:machines": z.record(z.string(), z.unknown()) }),
  });
  const found: unknown = shape.parse(document).config["vmstation:machines"][machine];
  if (typeof found === "object" && found !== null) Reflect.set(found, "hostKey", hostKey);
}
