import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { agentStep } from "../../components/power/steps";
import { trustStep } from "../../components/remote/agent/steps";
import { renderStdin } from "../../components/remote/render-stdin";
import type { Step } from "../../components/remote/step";
import { run } from "./command";
import { NETWORK } from "./machine-spec";
import { config, describeMachine } from "./power/lab";
import type { Rig } from "./rig";
import { useRig } from "./use-rig";
import type { VirtualMachine } from "./virtual-machine";
import { ROLE, isSleeper } from "../../components/power/names";
import { POWER_MODULES, renderImportPath } from "../support/python";

/** No NIC of QEMU's has Wake-on-LAN: ethtool says what a real one's would. The clock and its alarm are real. */
const ETHTOOL = `
printf '#!/bin/sh\\nprintf "\\\\tSupports Wake-on: g\\\\n\\\\tWake-on: g\\\\n"\\n' >/usr/sbin/ethtool
chmod 755 /usr/sbin/ethtool`;

const observed = z.object({
  sample: z.object({ boot: z.string(), at: z.number() }),
  sessions: z.array(z.string()),
  errors: z.record(z.string(), z.string()),
});

/** The agent on a machine with a kernel, a clock and a suspend of its own; the tests are the controller. */
describe("a machine that suspends for real", () => {
  const getRig = useRig({ machines: [] });
  let rig: Rig;
  let machine: VirtualMachine;
  let folder: string;

  const perform = async (step: Step): Promise<void> => {
    const input = renderStdin(step, { machine: machine.name, lockSeconds: 60 });
    await machine.exec("sh -eus apply", { input });
  };

  /** Runs Python with the controller's own way to the machine: `reached`, and the machine's `policy`. */
  const python = async (code: string): Promise<string> => {
    const settings = {
      ...{ key: path.join(folder, "key"), knownHosts: path.join(folder, "known_hosts") },
      ...{ agentUser: "vmstation-power", broadcast: NETWORK.broadcast },
    };
    const policy = { name: machine.name, address: machine.address, sshPort: 22, mac: machine.mac };
    const input = [
      "import json, sys, time",
      renderImportPath(POWER_MODULES),
      "from machines import AgentError, Lost, Machines",
      "import ways",
      `settings = json.loads(${JSON.stringify(JSON.stringify(settings))})`,
      "reached = Machines(settings)",
      `policy = json.loads(${JSON.stringify(JSON.stringify(policy))})`,
      code,
    ].join("\n");
    return (await run("python3", ["-B", "-"], { input })).stdout;
  };

  const observe = async (): Promise<z.infer<typeof observed>> => {
    const text = await python('print(json.dumps(reached.agent(policy, "observe", timeout=120)))');
    return observed.parse(JSON.parse(text));
  };

  before(async function () {
    this.timeout(600_000);
    rig = getRig();
    machine = await rig.qemu();
    folder = mkdtempSync(path.join(tmpdir(), "power-qemu-"));
    const key = path.join(folder, "key");
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "controller", "-f", key]);
    writeFileSync(path.join(folder, "known_hosts"), `${machine.address} ${machine.hostKey}\n`);
    const described = describeMachine(machine, { mode: "sleeps" });
    assert.ok(isSleeper(described));
    await machine.exec(ETHTOOL);
    await perform(agentStep(described, config, 6443));
    await perform(trustStep(ROLE, readFileSync(`${key}.pub`, "utf8"), NETWORK.controller));
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  it("is observed, and its own clock is set to wake it should nothing else", async () => {
    const { errors, sessions } = await observe();
    assert.deepEqual([errors, sessions], [{}, []]);
    await python('reached.agent(policy, "arm", timeout=120)');
    assert.match((await machine.exec("rtcwake --mode=show")).stdout, /alarm: on/);
    await python('reached.agent(policy, "disarm", timeout=120)');
    assert.match((await machine.exec("rtcwake --mode=show")).stdout, /alarm: off/);
  });

  it("refuses to suspend while somebody forbids it", async () => {
    await machine.exec(
      "systemd-run -q --unit=lock systemd-inhibit --what=sleep --mode=block --who=apt --why=upgrade sleep infinity",
    );
    await machine.exec("until systemd-inhibit --list --no-legend | grep -q apt; do :; done");
    const refused = await python(
      'try:\n  reached.agent(policy, "suspend", timeout=120)\nexcept Lost:\n  print("lost")\nexcept AgentError as e:\n  print(e)',
    );
    assert.match(refused, /^suspend: power-agent: apt forbids it: upgrade$/m);
    assert.equal(machine.state, "on");
    await machine.exec("systemctl stop lock");
  });

  it("suspends by the controller's order, is silent, and goes on where it was by its magic packet", async () => {
    const before = await observe();
    await python('try:\n  reached.agent(policy, "suspend", timeout=120)\nexcept Lost:\n  pass');
    await machine.waitForState("asleep", 120_000);
    assert.equal(await python("print(reached.is_silent(policy))"), "True\n");
    await python("ways.wake(ways.load(settings), policy)");
    await machine.waitForState("on");
    await machine.waitUntilUp();
    const after = await observe();
    assert.equal(after.sample.boot, before.sample.boot);
    assert.match((await machine.exec("dmesg")).stdout, /PM: suspend exit/);
  });
});
