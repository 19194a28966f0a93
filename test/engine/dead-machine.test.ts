import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Machine } from "../rig/machine";
import type { EngineLab } from "./engine-lab";
import { useEngine } from "./use-engine";

/** Seconds that are waited for a machine that sleeps to wake. */
const WAKE = 10;
const NOBODY = "02:00:00:00:00:99";

describe("a machine that is dead, by Pulumi's engine", () => {
  const { rig: getRig, lab: getLab } = useEngine("test/engine/program/machines.ts");
  let lab: EngineLab;
  let dead: Machine;
  let others: readonly Machine[];

  const somaxconn = async (machine: Machine): Promise<number> =>
    Number((await machine.exec("sysctl -n net.core.somaxconn")).stdout);

  const change = (value: number): void => {
    lab.set(`node.sysctl={net.core.netdev_max_backlog: null, net.core.somaxconn: ${value}}`);
  };

  before(async () => {
    const rig = getRig();
    lab = getLab();
    dead = rig.machine("hazel");
    others = rig.machines.filter(({ name }) => name !== dead.name);
    await lab.setSecret("sshKey", readFileSync(rig.sshKeyFile, "utf8"));
    lab.set("remote.privateKeySecret=sshKey");
    change(8192);
    const update = await lab.up();
    assert.ok(update.ok, update.output);
  });

  it("is named, and keeps no other from being changed", async () => {
    await dead.freeze();
    lab.set(`machines.hazel.mac="${NOBODY}"`, `machines.hazel.power.wakeTimeout=${WAKE}s`);
    change(9216);
    const update = await lab.up();
    assert.equal(update.ok, false);
    for (const machine of others) assert.equal(await somaxconn(machine), 9216, machine.name);
    assert.match(update.output, new RegExp(`hazel did not wake: .* within ${WAKE} s`));
    assert.ok(!update.names("update").includes("node-hazel-system"));
    for (const { name } of others)
      assert.ok(update.names("update").includes(`node-${name}-system`), name);
  });

  it("is changed once it is back, and the others not again", async () => {
    await dead.thaw();
    lab.set(`machines.hazel.mac="${dead.mac}"`);
    const update = await lab.up();
    assert.ok(update.ok, update.output);
    assert.equal(await somaxconn(dead), 9216);
    assert.deepEqual(
      update.names("update").filter((name) => !name.endsWith("hazel") && !name.includes("-hazel-")),
      [],
    );
  });
});
