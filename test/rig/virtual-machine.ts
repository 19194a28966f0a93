import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { run, type CommandOptions, type CommandResult } from "./command";
import { guestExec } from "./guest-agent";
import { JsonSocket } from "./json-socket";
import { NETWORK, type MachineSpec } from "./machine-spec";
import { network, setPort } from "./network";
import { SCRIPTS, type RunContext } from "./run-context";
import { answersWithSsh } from "./ssh";
import { waitFor } from "./wait";

/** A machine with a kernel of its own, emulated: booting takes half a minute. */
export const QEMU: MachineSpec = {
  name: "qemu",
  address: "10.213.0.64",
  mac: "02:00:0a:d5:00:40",
  nic: "enp3s0",
  disk: "8G",
};

/** What a hypervisor gives a machine of a cloud image, on a CD-ROM that cloud-init reads at its first boot. */
export interface CloudSeed {
  /** By name: user-data, meta-data, network-config, vendor-data. */
  readonly files: Readonly<Record<string, string>>;
  /** The public host key that the machine is to have by it. */
  readonly hostKey: string;
}

/** The NIC's name by the network-config that Proxmox makes. */
const CLOUD_NIC = "eth0";

/**
 * Emulation works everywhere; KVM, where it does, is asked for by VMSTATION_RIG_ACCELERATOR=kvm. Some
 * hosts that are virtual machines themselves offer a KVM that stops at the first odd instruction.
 */
const ACCELERATOR = process.env.VMSTATION_RIG_ACCELERATOR ?? "tcg";

/** An emulated boot takes half a minute on an idle host. */
const BOOT_TIMEOUT = 300_000;

const PORT = "cable-qemu";

const RunState = z.object({ status: z.string() });

/**
 * The machine for what the others cannot have: kernel modules, NFS, swap, a clock that can be set, a
 * real suspend, a swap partition, and two empty disks, /dev/vdb and /dev/vdc.
 */
export class VirtualMachine {
  readonly sshUser = "ops";
  readonly spec = QEMU;
  private qemu: ChildProcess | undefined;
  private monitor: JsonSocket | undefined;
  private isAsleep = false;

  constructor(
    private readonly context: RunContext,
    /** Without it, the machine is as its image has it. */
    private readonly seed?: CloudSeed,
  ) {}

  get name(): string {
    return this.spec.name;
  }

  get address(): string {
    return this.spec.address;
  }

  get mac(): string {
    return this.spec.mac;
  }

  get nic(): string {
    return this.seed === undefined ? this.spec.nic : CLOUD_NIC;
  }

  get hostKey(): string {
    if (this.seed !== undefined) return this.seed.hostKey;
    const line = readFileSync(path.join(this.image, "host-key.pub"), "utf8");
    return line.split(" ").slice(0, 2).join(" ");
  }

  get state(): "on" | "asleep" | "off" {
    if (this.qemu === undefined) return "off";
    return this.isAsleep ? "asleep" : "on";
  }

  /** What the kernel and systemd wrote to the console since the last boot. */
  get console(): string {
    return readFileSync(this.file("console.log"), "utf8");
  }

  /** Makes the image unless an earlier run has, and disks of the machine's own; leaves it off. */
  async make(): Promise<void> {
    const { image, mac } = this;
    const { nic } = this.spec;
    const { cache } = this.context;
    await mkdir(this.folder, { recursive: true });
    if (!existsSync(image)) {
      const address = `${this.address}/${String(NETWORK.prefix)}`;
      const script = [path.join(SCRIPTS, "vm-image.sh"), cache, image];
      const command = ["unshare", "--mount", ...script, nic, mac, address, NETWORK.controller];
      await run("flock", [`${cache}/vm.lock`, ...command]);
    }
    await this.makeDisks();
    if (this.seed !== undefined) await this.makeSeed(this.seed);
    await network("tap", PORT);
  }

  /** Runs a shell script as root in the machine, by its guest agent: without SSH. */
  exec(
    script: string,
    options: Omit<CommandOptions, "env" | "inherit"> = {},
  ): Promise<CommandResult> {
    return guestExec(this.file("agent"), "/bin/sh", ["-euc", script], options);
  }

  async boot(): Promise<void> {
    this.start();
    await this.connectMonitor();
    await this.waitUntilUp();
  }

  async reboot(): Promise<void> {
    const bootId = async (): Promise<string> =>
      (await this.exec("cat /proc/sys/kernel/random/boot_id")).stdout;
    const before = await bootId();
    await this.exec("systemctl --no-block reboot");
    await waitFor(
      `${this.name} to boot again`,
      async () => (await bootId()) !== before,
      BOOT_TIMEOUT,
    );
    await this.waitUntilUp();
  }

  async shutDown(): Promise<void> {
    await this.exec("systemctl --no-block poweroff");
    await this.waitForState("off", BOOT_TIMEOUT);
  }

  /** Cuts the power: what was not written to the disk is lost. */
  async powerOff(): Promise<void> {
    this.qemu?.kill("SIGKILL");
    await this.waitForState("off");
  }

  cutLink(): Promise<void> {
    return setPort(PORT, "disabled");
  }

  restoreLink(): Promise<void> {
    return setPort(PORT, "forwarding");
  }

  /** Wakes it from a suspend; its emulated NIC does not know magic packets. */
  async wake(): Promise<void> {
    await this.monitor?.execute("system_wakeup");
    await this.waitForState("on");
  }

  async waitForState(state: "on" | "asleep" | "off", timeout?: number): Promise<void> {
    const reached = (): Promise<boolean> => Promise.resolve(this.state === state);
    await waitFor(`${this.name} to be ${state}`, reached, timeout);
  }

  async waitUntilUp(): Promise<void> {
    const isUp = async (): Promise<boolean> => {
      if (this.qemu === undefined) throw new Error(`QEMU has ended:\n${this.console}`);
      const { stdout } = await this.exec("systemctl is-system-running --wait", { anyCode: true });
      return ["running", "degraded"].includes(stdout.trim());
    };
    await waitFor(`${this.name} to boot`, isUp, BOOT_TIMEOUT);
    await waitFor(`${this.name}'s sshd`, () => answersWithSsh(this.address));
  }

  async remove(): Promise<void> {
    if (this.qemu !== undefined) await this.powerOff();
    await network("untap", PORT);
    await run("rm", ["-rf", "--one-file-system", this.folder]);
  }

  private start(): void {
    const console = `file,id=console,path=${this.file("console.log")}`;
    const drives = ["root.qcow2", "vdb.qcow2", "vdc.qcow2"].flatMap((name) => [
      "-drive",
      `file=${this.file(name)},if=virtio,discard=unmap`,
    ]);
    const seed =
      this.seed === undefined ? [] : ["-drive", `file=${this.file("seed.iso")},if=ide,media=cdrom`];
    const child = spawn(
      "qemu-system-x86_64",
      [
        ...["-machine", `pc,accel=${ACCELERATOR}`, "-cpu", "max", "-smp", "2", "-m", "1024"],
        ...["-nodefaults", "-display", "none", "-no-user-config"],
        ...["-kernel", path.join(this.image, "vmlinuz")],
        ...["-initrd", path.join(this.image, "initrd.img")],
        ...["-append", "root=/dev/vda1 rw console=ttyS0 quiet systemd.show_status=1"],
        ...[...drives, ...seed],
        ...["-netdev", `tap,id=lan,ifname=${PORT},script=no,downscript=no`],
        ...["-device", `virtio-net-pci,netdev=lan,mac=${this.mac},romfile=`],
        ...["-chardev", console, "-serial", "chardev:console"],
        ...["-qmp", `unix:${this.file("monitor")},server=on,wait=off`],
        ...["-chardev", `socket,id=agent,path=${this.file("agent")},server=on,wait=off`],
        ...["-device", "virtio-serial"],
        ...["-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"],
        ...["-device", "virtio-rng-pci"],
      ],
      { stdio: ["ignore", "inherit", "inherit"], detached: true },
    );
    child.on("exit", () => {
      this.monitor?.close();
      this.monitor = undefined;
      this.isAsleep = false;
      this.qemu = undefined;
    });
    this.qemu = child;
  }

  private async connectMonitor(): Promise<void> {
    this.monitor = await waitFor("QEMU's monitor", () =>
      JsonSocket.open(this.file("monitor"), (event) => {
        if (event === "SUSPEND") this.isAsleep = true;
        if (event === "WAKEUP") this.isAsleep = false;
      }),
    );
    await this.monitor.execute("qmp_capabilities");
    RunState.parse(await this.monitor.execute("query-status"));
  }

  private async makeDisks(): Promise<void> {
    const disk = this.seed === undefined ? "root.img" : "cloud.img";
    const base = ["-b", path.join(this.image, disk), "-F", "raw"];
    const create = ["create", "-q", "-f", "qcow2"];
    await run("qemu-img", [...create, ...base, this.file("root.qcow2")]);
    for (const name of ["vdb.qcow2", "vdc.qcow2"])
      await run("qemu-img", [...create, this.file(name), "1G"]);
  }

  /** As Proxmox makes it. */
  private async makeSeed({ files }: CloudSeed): Promise<void> {
    const folder = this.file("seed");
    await mkdir(folder, { recursive: true });
    for (const [name, content] of Object.entries(files))
      await writeFile(path.join(folder, name), content);
    const options = ["-quiet", "-iso-level", "3", "-J", "-R", "-V", "cidata"];
    await run("genisoimage", [...options, "-o", this.file("seed.iso"), folder]);
  }

  /** Named for its recipe, inside of the base that it was made from. */
  private get image(): string {
    const recipe = readFileSync(path.join(SCRIPTS, "vm-image.sh"));
    const digest = createHash("sha256").update(recipe).update(JSON.stringify(this.spec));
    return path.join(this.context.cache, `vm-${digest.digest("hex").slice(0, 16)}`);
  }

  private get folder(): string {
    return path.join(this.context.folder, this.name);
  }

  private file(name: string): string {
    return path.join(this.folder, name);
  }
}
