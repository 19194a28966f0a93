import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { run, type CommandOptions, type CommandResult } from "./command";
import { Disk } from "./disk";
import { removeCgroup } from "./leftovers";
import { NETWORK, type MachineSpec } from "./machine-spec";
import { plug, setPort, unplug } from "./network";
import { enterArguments, systemdBelow } from "./nspawn";
import { SCRIPTS, cgroupRoots, runCgroups, type RunContext } from "./run-context";
import { answersWithSsh } from "./ssh";
import { waitFor } from "./wait";
import type { Watcher } from "./watcher";

/** nspawn's exit code when the machine asked for a reboot. */
const REBOOT = 133;

export interface BootOptions {
  /** Whether to wait for sshd as well as for systemd; true by default. */
  readonly awaitSsh?: boolean;
}

/** One throwaway machine: systemd and sshd in a container with a disk and a network of its own. */
export class Machine {
  readonly sshUser = "ops";
  readonly disk: Disk;
  private nspawn: ChildProcess | undefined;
  private isStarting = false;
  private failure: unknown;

  /** `port` is the machine's port on the bridge. */
  constructor(
    readonly spec: MachineSpec,
    private readonly context: RunContext,
    private readonly watcher: Watcher,
    private readonly port: string,
  ) {
    const base = path.join(this.cache, "base");
    const kind = spec.runsPods === true ? "file system" : "layer";
    this.disk = new Disk(path.join(context.folder, spec.name), base, spec.disk, kind);
  }

  /** Makes what the machine consists of, and leaves it off. */
  async make(): Promise<void> {
    await mkdir(this.hostFolder, { recursive: true });
    await run(
      "mkfifo",
      ["suspend", "resume"].map((pipe) => path.join(this.hostFolder, pipe)),
    );
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", this.name, "-f", this.key]);
    await this.createDisk();
  }

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
    return this.spec.nic;
  }

  /** The public host key: algorithm and key, as a configuration's `hostKey` takes it. */
  get hostKey(): string {
    return readFileSync(`${this.key}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
  }

  /** The path of the machine's network namespace, for `nsenter --net`. */
  get namespace(): string {
    return `/run/netns/${this.name}`;
  }

  get state(): "on" | "asleep" | "off" {
    if (this.nspawn === undefined && !this.isStarting) return "off";
    return this.watcher.isAsleep(this.name) ? "asleep" : "on";
  }

  /** What systemd wrote to the console since the machine was made. */
  get console(): string {
    return readFileSync(this.consoleFile, "utf8");
  }

  /**
   * Runs a shell script as root in the machine, without SSH. Rejects when it fails, unless `anyCode`.
   * What it runs does not sleep with the machine.
   */
  exec(
    script: string,
    options: Omit<CommandOptions, "env" | "inherit"> = {},
  ): Promise<CommandResult> {
    const target = String(systemdBelow(this.nspawn?.pid) ?? this.fail("is off"));
    return run("nsenter", enterArguments(target, script), options);
  }

  async boot(options: BootOptions = {}): Promise<void> {
    if (this.state !== "off") this.fail("is on already");
    await this.start();
    await this.waitUntilUp(options);
  }

  /** Switches on what is off, without waiting for it; `waitUntilUp` tells what came of it. */
  wake(): void {
    this.start().catch((error: unknown) => (this.failure = error));
  }

  /** Reboots by systemd, and returns once the machine is up again. */
  async reboot(options: BootOptions = {}): Promise<void> {
    const before = this.nspawn;
    await this.exec("systemctl reboot");
    await waitFor(`${this.name} to go down`, () => Promise.resolve(this.nspawn !== before));
    await this.waitUntilUp(options);
  }

  /** Shuts down by systemd. */
  async shutDown(): Promise<void> {
    await this.exec("systemctl poweroff");
    await this.waitUntilOff();
  }

  /** Cuts the power: nothing in the machine gets to end in order. */
  async powerOff(): Promise<void> {
    const systemd = systemdBelow(this.nspawn?.pid);
    if (systemd !== undefined) process.kill(systemd, "SIGKILL");
    // nspawn sleeps with its machine, and would not notice.
    this.nspawn?.kill("SIGKILL");
    await this.waitUntilOff();
  }

  /** Packets to and from the machine get lost; its NIC still has a link. */
  cutLink(): Promise<void> {
    return setPort(this.port, "disabled");
  }

  restoreLink(): Promise<void> {
    return setPort(this.port, "forwarding");
  }

  /** Puts the machine to sleep without its doing, as when it hangs. Its magic packet wakes it. */
  freeze(): Promise<void> {
    return this.watcher.freeze(this.name);
  }

  thaw(): Promise<void> {
    return this.watcher.thaw(this.name);
  }

  /** Waits for a state that comes about by itself, such as the sleep after `systemctl suspend`. */
  async waitForState(state: "on" | "asleep" | "off", timeout?: number): Promise<void> {
    const reached = (): Promise<boolean> => Promise.resolve(this.state === state);
    await waitFor(`${this.name} to be ${state}`, reached, timeout);
  }

  /** A new disk in a machine that keeps its name, address and host key; boots it. */
  async reset(): Promise<void> {
    if (this.nspawn !== undefined) await this.powerOff();
    await this.disk.remove();
    await this.createDisk();
    await this.boot();
  }

  /** Switches off and removes all that the machine was made of. */
  async remove(): Promise<void> {
    if (this.nspawn !== undefined) await this.powerOff();
    await unplug(this.spec, this.port);
    await this.disk.remove();
    await rm(this.folder, { recursive: true, force: true });
    for (const cgroup of this.cgroups) await removeCgroup(cgroup);
  }

  /** Waits until systemd has started everything and, by default, sshd answers. */
  async waitUntilUp({ awaitSsh = true }: BootOptions = {}): Promise<void> {
    await waitFor(`${this.name} to boot`, () => this.hasStarted(), this.patience);
    if (awaitSsh) await waitFor(`${this.name}'s sshd`, () => answersWithSsh(this.address));
  }

  private async hasStarted(): Promise<boolean> {
    if (this.failure !== undefined) throw new Error("it did not start", { cause: this.failure });
    if (systemdBelow(this.nspawn?.pid) === undefined) return false;
    const { stdout } = await this.exec("systemctl is-system-running --wait", { anyCode: true });
    return ["running", "degraded"].includes(stdout.trim());
  }

  private waitUntilOff(): Promise<boolean> {
    const isOff = (): Promise<boolean> => Promise.resolve(this.nspawn === undefined);
    return waitFor(`${this.name} to be off`, isOff, this.patience);
  }

  /** Milliseconds. With containers to start and to end it has more to do. */
  private get patience(): number {
    return this.kind === "pods" ? 120_000 : 30_000;
  }

  private async start(): Promise<void> {
    this.isStarting = true;
    this.failure = undefined;
    try {
      await this.plugIn();
      this.nspawn = this.switchOn();
      const [cgroup = ""] = this.cgroups;
      const { name, mac, port, hostFolder: folder } = this;
      await this.watcher.watch({ machine: name, mac, port, cgroup, folder });
    } finally {
      this.isStarting = false;
    }
  }

  /** A new network namespace: a boot starts with a kernel's own settings, and without rules. */
  private async plugIn(): Promise<void> {
    await unplug(this.spec, this.port);
    await plug(this.spec, this.port);
  }

  private switchOn(): ChildProcess {
    const log = openSync(this.consoleFile, "a");
    const repository = path.join(this.cache, "repository");
    const args = [
      this.name,
      this.disk.root,
      repository,
      this.hostFolder,
      this.kind,
      ...this.cgroups,
    ];
    const child = spawn(path.join(SCRIPTS, "boot.sh"), args, {
      stdio: ["ignore", log, log],
      detached: true,
    });
    closeSync(log);
    child.on("exit", (code) => void this.afterExit(code));
    return child;
  }

  private async afterExit(code: number | null): Promise<void> {
    try {
      await this.watcher.forget(this.name);
      if (code === REBOOT) await this.start();
      else this.nspawn = undefined;
    } catch (error) {
      this.nspawn = undefined;
      this.failure = error;
    }
  }

  private async createDisk(): Promise<void> {
    await this.disk.create();
    const cidr = `${this.address}/${NETWORK.prefix}`;
    const own = [this.disk.root, this.nic, cidr, NETWORK.controller, this.key, this.kind];
    const operatorKey = path.join(this.context.cache, "id_ed25519.pub");
    await run(path.join(SCRIPTS, "personalise.sh"), [...own, operatorKey]);
  }

  private fail(how: string): never {
    throw new Error(`machine ${this.name} ${how}`);
  }

  /** What base.sh made of the machine's Debian. */
  private get cache(): string {
    return this.spec.debian === 13 ? this.context.debian13 : this.context.cache;
  }

  private get folder(): string {
    return path.join(this.context.folder, this.name);
  }

  private get hostFolder(): string {
    return path.join(this.folder, "host");
  }

  private get key(): string {
    return path.join(this.folder, "host-key");
  }

  private get consoleFile(): string {
    return path.join(this.folder, "console.log");
  }

  /** How the scripts that make and boot it tell it from others. */
  private get kind(): "bare" | "pods" {
    return this.spec.runsPods === true ? "pods" : "bare";
  }

  private get cgroups(): string[] {
    const all = runCgroups(this.context.id).map((group) => path.join(group, this.name));
    return this.kind === "pods" ? all : all.slice(0, cgroupRoots().length);
  }
}
