import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import type { Machine } from "../rig/machine";
import type { Rig } from "../rig/rig";
import type { EngineLab, Update } from "./engine-lab";
import { interruptUp, type Interruption } from "./interrupt";
import { useEngine } from "./use-engine";

const INTERRUPTIONS = 21;

describe("machines, by Pulumi's engine", () => {
  const { rig: getRig, lab: getLab } = useEngine("test/engine/program/machines.ts");
  let rig: Rig;
  let lab: EngineLab;
  let worker: Machine;

  const sysctl = async (machine: Machine, key: string): Promise<string> =>
    (await machine.exec(`sysctl -n ${key}`)).stdout.trim();

  const setSomaxconn = (value: number): void => {
    lab.set(`node.sysctl={net.core.netdev_max_backlog: null, net.core.somaxconn: ${value}}`);
  };

  /** Brings the machines to where they belong, and says of each update that it did what it should. */
  const up = async (more: Parameters<EngineLab["up"]>[0] = {}): Promise<Update> => {
    const update = await lab.up(more);
    assert.ok(update.ok, update.output);
    return update;
  };

  before(async () => {
    rig = getRig();
    lab = getLab();
    worker = rig.machine("hazel");
    // A secret in the connection of every resource on a machine: nothing else is logged in with.
    await lab.setSecret("sshKey", readFileSync(rig.sshKeyFile, "utf8"));
    lab.set("remote.privateKeySecret=sshKey");
  });

  it("are previewed whole, with nothing there and nobody asked", async () => {
    const preview = await lab.preview();
    assert.ok(preview.ok, preview.output);
    const names = preview.names("create");
    for (const { name } of rig.machines) assert.ok(names.includes(`node-${name}-ready`), name);
    assert.deepEqual(rig.magicPackets, []);
  });

  it("converge, and a sleeping one is woken first", async () => {
    await worker.freeze();
    const update = await up();
    const created = update.names("create");
    for (const { name } of rig.machines) assert.ok(created.includes(`node-${name}-ready`), name);
    assert.deepEqual(
      [...new Set(rig.magicPackets.map(({ mac }) => mac))],
      [worker.mac.toLowerCase()],
    );
    assert.equal(worker.state, "on");
    assert.equal(await sysctl(worker, "net.ipv4.ip_forward"), "1");
  });

  it("are not changed by a second update, nor is one announced", async () => {
    await up({ expectNoChanges: true });
    const preview = await lab.preview({ expectNoChanges: true });
    assert.ok(preview.ok, preview.output);
  });

  it("are changed in the one resource of the one machine that a changed setting belongs to", async () => {
    lab.set("machines.hazel.extraPackages=[tree]");
    const update = await up();
    assert.deepEqual(update.names("update"), ["node-hazel-system", "preflight-hazel"]);
    assert.deepEqual(update.names("create", "delete", "replace"), []);
    await worker.exec("dpkg-query -W tree");
  });

  it("are changed by a kernel parameter in the one resource of each", async () => {
    setSomaxconn(8192);
    const update = await up();
    const expected = rig.machines.flatMap(({ name }) => [
      `node-${name}-system`,
      `preflight-${name}`,
    ]);
    assert.deepEqual(update.names("update"), expected.sort());
    assert.equal(await sysctl(worker, "net.core.somaxconn"), "8192");
  });

  it("are woken only where there is work, and not by a preview", async () => {
    const storage = rig.machine("spruce");
    await Promise.all([worker.freeze(), storage.freeze()]);
    const before = rig.magicPackets.length;
    lab.set("machines.hazel.extraPackages=[tree, htop]");
    const preview = await lab.preview();
    assert.ok(preview.ok, preview.output);
    assert.equal(rig.magicPackets.length, before);
    const update = await up();
    assert.deepEqual(update.names("update"), ["node-hazel-system", "preflight-hazel"]);
    const woken = new Set(rig.magicPackets.slice(before).map(({ mac }) => mac));
    assert.deepEqual([...woken], [worker.mac.toLowerCase()]);
    assert.equal(storage.state, "asleep");
    await storage.thaw();
  });

  it("stay right after a refresh: nothing is erased, nothing to do", async () => {
    const refresh = await lab.refresh();
    assert.ok(refresh.ok, refresh.output);
    await up({ expectNoChanges: true });
  });

  it("converge after any of 21 interruptions of the engine, the provider or the program", async () => {
    const seed = Number(process.env.VMSTATION_SEED ?? Date.now() % 1e6);
    console.log(`    seed ${seed} (VMSTATION_SEED repeats it)`);
    const lines = fc.sample(fc.integer({ min: 1, max: 16 }), { seed, numRuns: INTERRUPTIONS });
    const kinds: readonly Pick<Interruption, "victim" | "signal">[] = [
      { victim: "engine", signal: "SIGINT" },
      { victim: "engine", signal: "SIGKILL" },
      { victim: "provider", signal: "SIGKILL" },
      { victim: "program", signal: "SIGKILL" },
    ];
    let struck = 0;
    for (const [round, line] of lines.entries()) {
      // Each round has work on all three machines.
      setSomaxconn(20_000 + round);
      lab.set(`lan.timeZone=${round % 2 === 0 ? "Europe/Berlin" : "UTC"}`);
      const kind = kinds[round % kinds.length];
      assert.ok(kind);
      const interruption = { ...kind, line };
      const interrupted = await interruptUp(lab, interruption);
      if (interrupted.struck) struck += 1;
      await lab.repair();
      await up();
      for (const machine of rig.machines) {
        const value = await sysctl(machine, "net.core.somaxconn");
        const said = `round ${round}, ${JSON.stringify(interruption)}\n${interrupted.output}`;
        assert.equal(value, String(20_000 + round), said);
      }
    }
    assert.ok(
      struck > INTERRUPTIONS / 2,
      `only ${struck} updates were still running when interrupted`,
    );
    await up({ expectNoChanges: true });
  });

  it("have no secret in their state, nor in what a failure left there, and leave no kubeconfig behind", () => {
    const lines = readFileSync(rig.sshKeyFile, "utf8").trim().split("\n").slice(1, -1);
    assert.ok(lines.length > 3);
    const state = lab.stateText;
    assert.match(state, /"privateKey"|4dabf18193072939515e22adb298388d/);
    for (const line of lines) assert.ok(!state.includes(line));
    assert.deepEqual(
      lab.temporaryFiles.filter((file) => /kubeconfig/i.test(file)),
      [],
    );
  });

  it("keep what was put there where one gets another name", async () => {
    const ours =
      "cat /etc/sysctl.d/*vmstation* /etc/ssh/sshd_config.d/*vmstation*; nft list table inet vmstation";
    const before = await worker.exec(ours);
    lab.renameMachine("hazel", "box");
    const update = await up();
    assert.ok(update.names("create").includes("node-box-system"));
    assert.ok(update.names("delete").includes("node-hazel-system"));
    assert.equal((await worker.exec("hostname")).stdout, "box\n");
    assert.equal((await worker.exec(ours)).stdout, before.stdout);
    await up({ expectNoChanges: true });
  });

  it("are as their owner had them once all is taken away", async () => {
    const destroy = await lab.destroy();
    assert.ok(destroy.ok, destroy.output);
    for (const machine of rig.machines) {
      const { stdout } = await machine.exec(
        "ls /etc/sysctl.d; nft list tables; ls /var/lib/vmstation 2>/dev/null || :",
      );
      assert.doesNotMatch(stdout, /vmstation/);
    }
  });
});
