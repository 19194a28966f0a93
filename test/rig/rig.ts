import { writeFile } from "node:fs/promises";
import path from "node:path";
import { run, type CommandOptions, type CommandResult } from "./command";
import { removeCgroup } from "./leftovers";
import { Machine } from "./machine";
import { HOMELAB, NETWORK, type MachineSpec } from "./machine-spec";
import { network } from "./network";
import { SCRIPTS, currentRun, runCgroups, type RunContext } from "./run-context";
import { startAgent, type Agent } from "./ssh-agent";
import { VirtualMachine, type CloudSeed } from "./virtual-machine";
import { Watcher, type MagicPacket } from "./watcher";

export interface RigOptions {
  /** The machines to make; one for each of the homelab's by default. */
  readonly machines?: readonly MachineSpec[];
  /** Whether a magic packet switches on a machine that is off; true by default. */
  readonly wakesFromOff?: boolean;
}

/** Makes and boots the machines, side by side. Only inside of `npm run test:rig`. */
export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const context = currentRun();
  if (context === undefined) throw new Error("the rig runs by `npm run test:rig`");
  const rig = new Rig(context, options);
  try {
    await rig.start();
    return rig;
  } catch (error) {
    await rig.stop();
    throw error;
  }
}

/** Throwaway machines on a network of their own. The caller is their controller, at .1. */
export class Rig {
  readonly network = NETWORK;
  readonly machines: Machine[] = [];

  private virtualMachine: VirtualMachine | undefined;
  private watcher: Watcher | undefined;
  private agent: Agent | undefined;

  constructor(
    private readonly context: RunContext,
    private readonly options: RigOptions,
  ) {}

  async start(): Promise<void> {
    await network("up", `${NETWORK.controller}/${String(NETWORK.prefix)}`);
    if (this.hasSecondNetwork) await network("up-second");
    this.agent = await startAgent(this.agentSocket, this.sshKeyFile);
    const watcher = await Watcher.start((packet) => {
      this.wake(packet);
    });
    this.watcher = watcher;
    for (const [index, spec] of this.specs.entries()) {
      const machine = new Machine(spec, this.context, watcher, `cable${index}`);
      this.machines.push(machine);
      await machine.make();
    }
    // All of them, so that none is in the middle of its start when a failure stops the rig.
    const boots = await Promise.allSettled(this.machines.map((machine) => machine.boot()));
    for (const boot of boots) if (boot.status === "rejected") throw boot.reason;
  }

  machine(name: string): Machine {
    const found = this.machines.find((machine) => machine.name === name);
    if (found === undefined) throw new Error(`the rig has no machine ${name}`);
    return found;
  }

  /** The QEMU machine, made and booted when it is first asked for: a minute or two. `seed` is what cloud-init gives it. */
  async qemu(seed?: CloudSeed): Promise<VirtualMachine> {
    if (this.virtualMachine === undefined) {
      this.virtualMachine = new VirtualMachine(this.context, seed);
      await this.virtualMachine.make();
      await this.virtualMachine.boot();
    }
    return this.virtualMachine;
  }

  /** The private key that every machine lets in as "ops"; the agent at `agentSocket` holds it too. */
  get sshKeyFile(): string {
    return path.join(this.context.cache, "id_ed25519");
  }

  /** For SSH_AUTH_SOCK. */
  get agentSocket(): string {
    return path.join(this.context.folder, "agent");
  }

  /** All magic packets that were seen on the network, oldest first. */
  get magicPackets(): readonly MagicPacket[] {
    return this.watcher?.magicPackets ?? [];
  }

  /** Runs a command over SSH, as an operator at the controller would, with the host key checked. */
  async ssh(
    machine: Machine | VirtualMachine,
    command: string,
    options?: CommandOptions,
  ): Promise<CommandResult> {
    const knownHosts = path.join(this.context.folder, `known-hosts-${machine.name}`);
    await writeFile(knownHosts, `${machine.address} ${machine.hostKey}\n`);
    const settings = [
      "BatchMode=yes",
      "ConnectTimeout=5",
      "StrictHostKeyChecking=yes",
      `UserKnownHostsFile=${knownHosts}`,
      "IdentitiesOnly=yes",
    ].flatMap((setting) => ["-o", setting]);
    const login = `${machine.sshUser}@${machine.address}`;
    return run("ssh", ["-F", "none", "-i", this.sshKeyFile, ...settings, login, command], options);
  }

  /** Runs a shell command at the controller, whose exit code is the answer. */
  local(command: string): Promise<CommandResult> {
    return run("bash", ["-c", command], { anyCode: true });
  }

  /** Sends a magic packet from the controller, to the broadcast address by default. */
  async sendMagicPacket(mac: string, to: string = NETWORK.broadcast): Promise<void> {
    await run(path.join(SCRIPTS, "magic-packet.py"), [mac, to]);
  }

  /** Removes the machines, their network and all that the rig started. */
  async stop(): Promise<void> {
    await Promise.all(this.machines.map((machine) => machine.remove()));
    this.machines.length = 0;
    await this.virtualMachine?.remove();
    this.virtualMachine = undefined;
    await this.watcher?.stop();
    await this.agent?.stop();
    await network("down");
    if (this.hasSecondNetwork) await network("down-second");
    for (const cgroup of runCgroups(this.context.id)) await removeCgroup(cgroup);
  }

  private get specs(): readonly MachineSpec[] {
    return this.options.machines ?? HOMELAB;
  }

  private get hasSecondNetwork(): boolean {
    return this.specs.some(({ second }) => second !== undefined);
  }

  private wake({ mac }: MagicPacket): void {
    if (this.virtualMachine?.mac === mac && this.virtualMachine.state === "asleep")
      void this.virtualMachine.wake();
    if (this.options.wakesFromOff === false) return;
    const off = this.machines.filter(
      (machine) => machine.state === "off" && machine.mac.toLowerCase() === mac,
    );
    for (const machine of off) machine.wake();
  }
}
