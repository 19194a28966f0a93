import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { run, type CommandResult } from "./command";
import type { Machine } from "./machine";
import { PowerLab } from "./power/lab";
import type { Rig } from "./rig";
import { useRig } from "./use-rig";
import { waitFor } from "./wait";

const ROOT = path.join(__dirname, "../..");
const HOLDS = "/var/lib/vmstation/power/holds/hazel.json";

const stackFile = z.object({
  config: z.looseObject({ "vmstation:machines": z.record(z.string(), z.looseObject({})) }),
});
const shown = z.object({ machines: z.array(z.looseObject({ machine: z.string() })) });

/** The verbs as a person types them, against the power controller on the rig. */
describe("the verbs for sleep", () => {
  const getRig = useRig();
  let rig: Rig;
  let lab: PowerLab;
  let storage: Machine;
  let compute: Machine;
  let folder: string;

  const vmstation = (verb: string, ...args: string[]): Promise<CommandResult> => {
    const stack = ["--stack", "rig", "--config-file", path.join(folder, "Pulumi.rig.yaml")];
    const command = ["scripts/vmstation.cjs", "-C", ROOT, verb, ...stack, ...args];
    const env = { ...process.env, SSH_AUTH_SOCK: rig.agentSocket };
    return run(process.execPath, command, { anyCode: true, env });
  };

  /** A container's network outlives it and would refuse connections; a machine that is off says nothing. */
  const cutWhenOff = async (machine: Machine): Promise<void> => {
    await machine.waitForState("off", 120_000);
    await machine.cutLink();
  };

  before(async function () {
    this.timeout(300_000);
    rig = getRig();
    storage = rig.machine("spruce");
    compute = rig.machine("hazel");
    folder = mkdtempSync(path.join(tmpdir(), "vmstation-power-"));
    const document = stackFile.parse(
      parse(readFileSync(path.join(__dirname, "Pulumi.rig.yaml"), "utf8")),
    );
    for (const { name, hostKey } of rig.machines)
      Object.assign(document.config["vmstation:machines"][name] ?? {}, { hostKey });
    writeFileSync(path.join(folder, "Pulumi.rig.yaml"), stringify(document));
    const poweroff = { mode: "sleeps", method: "poweroff" };
    const sleepers = { spruce: { mode: "sleeps" }, hazel: poweroff };
    lab = new PowerLab({ rig, sleepers, apps: [] });
    await lab.prepare();
    const key = await lab.perform(lab.control, lab.controller(), "apply");
    for (const [machine, step] of lab.steps(key)) await lab.perform(machine, step, "apply");
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  afterEach(function () {
    return lab.explain(this.currentTest);
  });

  it("show every machine and why it is awake", async () => {
    // The first check may still be at work.
    const { code, stdout } = await waitFor("the first check", async () => {
      const table = await vmstation("power");
      return /^hazel .*(no wake test has passed yet|cannot read)/m.test(table.stdout) && table;
    });
    assert.equal(code, 0);
    assert.match(stdout, /^maple +awake .* always on$/m);
    const json = shown.parse(JSON.parse((await vmstation("power", "--json")).stdout));
    assert.deepEqual(json.machines.map(({ machine }) => machine).sort(), [...["hazel", "spruce"]]);
  });

  it("run a wake test and say what it took", async () => {
    const { code, stdout, stderr } = await vmstation("power", "test", "spruce");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^spruce: the wake test passed: .* Ready after \d+ s\n$/);
    assert.match(stderr, /spruce: draining: wake test/);
  });

  it("refuse to put to sleep what is held, and say so", async () => {
    await vmstation("hold", "hazel", "spruce", "--for", "1h", "--why", "guests");
    const refused = await vmstation("sleep", "hazel");
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /^hazel: no: held until .*: guests\n$/);
    assert.equal(compute.state, "on");
    const released = await vmstation("hold", "hazel", "--release");
    assert.match(released.stdout, /^hazel: \w+, not held\n$/);
  });

  it("log in to a machine that sleeps, held awake meanwhile, and pass its exit code on", async () => {
    const [slept] = await Promise.all([vmstation("sleep", "hazel"), cutWhenOff(compute)]);
    assert.deepEqual([slept.code, slept.stdout], [0, "hazel: asleep\n"]);
    const session = vmstation("ssh", "hazel", "--", "cat; echo there; exit 7");
    const holds = async (): Promise<string> => (await lab.control.exec(`cat ${HOLDS}`)).stdout;
    await waitFor("a hold", async () => (await holds()).includes("vmstation ssh by"));
    const { code, stdout, stderr } = await session;
    assert.deepEqual([code, stdout], [7, "there\n"], stderr);
    assert.equal(await holds(), "[]\n");
    await vmstation("hold", "hazel", "--for", "1h", "--why", "guests");
  });

  it("wake without a controller, by magic packets alone", async () => {
    await vmstation("hold", "spruce", "--release");
    assert.equal((await vmstation("sleep", "spruce")).code, 0);
    await lab.control.exec("mv /usr/local/bin/vmstation-wake.sh /root/");
    const seen = rig.magicPackets.length;
    const { code, stdout, stderr } = await vmstation("wake", "spruce");
    await lab.control.exec("mv /root/vmstation-wake.sh /usr/local/bin/");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^spruce: its SSH answers after \d+ s\n$/);
    assert.match(stderr, /The power controller is not installed on maple yet/);
    assert.equal(rig.magicPackets[seen]?.from, rig.network.controller);
    await lab.reaches("spruce", "awake");
  });

  it("switch the whole cluster off in order, and on again", async () => {
    const held = ["hazel", "spruce"];
    await vmstation("hold", ...held, "--for", "1h", "--why", "guests");
    await vmstation("wake", ...held);
    const inUse = await vmstation("spin-down", "--yes");
    assert.equal(inUse.code, 1);
    assert.match(inUse.stdout, /^hazel: no: held until .*\nspruce: no: held until /);
    const force = "--even-if-in-use";
    const unasked = await vmstation("spin-down", force);
    assert.deepEqual([unasked.code, unasked.stdout], [2, ""]);
    assert.match(unasked.stderr, /1\. hazel .*\n2\. spruce .*\n3\. maple .*\n.*--yes/);
    const [down] = await Promise.all([
      vmstation("spin-down", "--yes", force),
      ...[compute, storage].map(cutWhenOff),
    ]);
    assert.equal(down.code, 0, down.stderr);
    assert.match(down.stdout, /^hazel: off\nspruce: off\nmaple: off/);
    await lab.control.waitForState("off", 60_000);
    const up = await vmstation("spin-up", "--yes");
    assert.equal(up.code, 0, up.stderr);
    assert.equal(up.stdout, "maple: up\nspruce: up\nhazel: up\n");
    for (const name of ["spruce", "hazel"]) assert.equal(await lab.isCordoned(name), false);
  });
});
