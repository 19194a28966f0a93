import assert from "node:assert/strict";
import type { Rig } from "../rig";
import { useRig } from "../use-rig";
import type { VirtualMachine } from "../virtual-machine";
import { assertApplied, Lab } from "./lab";
import { isVmStep, renderSwapStack } from "./vm-stack";

/** The disk's own swap partition, which systemd finds by its type where fstab names no swap at all. */
const PARTITION = "/dev/vda2";
/** Compressed memory, as Debian's systemd-zram-generator sets it up. */
const COMPRESSED = "/dev/zram0";
const FILE = "/swapfile";

/** Beside these, which swap from the first boot on: a file that fstab names. */
const PREPARE = `
fallocate -l 32M ${FILE}
chmod 600 ${FILE}
mkswap -q ${FILE}
swapon ${FILE}
printf '  %s\\tnone swap sw 0 0\\n' ${FILE} >> /etc/fstab
`;

describe("a machine that swaps, prepared", () => {
  const getRig = useRig({ machines: [] });
  let rig: Rig;
  let lab: Lab;
  let vm: VirtualMachine;
  let fstab: string;

  const sh = async (command: string): Promise<string> => (await vm.exec(command)).stdout.trim();

  const swaps = async (): Promise<string[]> =>
    (await sh("swapon --show=NAME --noheadings")).split("\n").filter(Boolean).sort();

  const generated = (unit: string): Promise<string> =>
    sh(`systemctl show -p LoadState -p ActiveState --value ${unit} | paste -sd ' '`);

  before(async () => {
    rig = getRig();
    lab = new Lab(rig);
    vm = await rig.qemu();
  });

  after(() => {
    lab.remove();
  });

  it("swaps as its owner has it: to a partition, to a file, and to compressed memory", async () => {
    assert.deepEqual(await swaps(), [PARTITION, COMPRESSED]);
    await vm.exec(PREPARE);
    assert.deepEqual(await swaps(), [PARTITION, COMPRESSED, FILE].sort());
    fstab = await sh("cat /etc/fstab");
  });

  it("swaps no more, and a second look finds nothing", async () => {
    const stack = renderSwapStack(vm);
    assertApplied(await lab.up(stack, { target: isVmStep }), lab);
    assert.deepEqual(await swaps(), []);
    assert.equal(await sh("grep -c '^#vmstation# ' /etc/fstab"), "1");
    const again = await lab.up(stack, { target: isVmStep });
    assertApplied(again, lab);
    assert.deepEqual(again.names("update"), []);
  });

  it("swaps no more after a boot, though systemd has found what it could swap to", async () => {
    await vm.reboot();
    assert.deepEqual(await swaps(), []);
    assert.equal(await sh("systemctl is-system-running"), "running");
    for (const unit of ["dev-vda2.swap", "dev-zram0.swap"])
      assert.equal(await generated(unit), "loaded inactive", unit);
  });

  it("swaps as before once all is taken away, and after the next boot", async () => {
    assertApplied(await lab.destroy(renderSwapStack(vm)), lab);
    assert.equal(await sh("cat /etc/fstab"), fstab);
    // Where fstab names swap, systemd leaves the partition alone, as it would have without us.
    const wanted = [COMPRESSED, FILE].sort();
    assert.deepEqual(await swaps(), wanted);
    await vm.reboot();
    assert.deepEqual(await swaps(), wanted);
  });
});
