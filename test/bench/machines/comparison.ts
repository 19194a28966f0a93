import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeContextOf } from "../../../stacks/node-context";
import type { ApplyResult } from "../../rig/engine/apply";
import { explain, Lab } from "../../rig/node/lab";
import type { Rig } from "../../rig/rig";
import { runPlaybook, type AnsibleArgs } from "./ansible";
import { readCpuTime } from "./cpu-time";
import { readSite, runDrift, writePinnedStack, type DriftArgs } from "./own-run";
import { renderInventory } from "./render-variables";

/** A look makes the plan the first time, and keeps it. */
export const KINDS = ["ansible-first", "ansible-again", "apply", "drift-first", "drift"] as const;

export type Kind = (typeof KINDS)[number];

export interface Sample {
  kind: Kind;
  milliseconds: number;
  /** CPU time of the command and of all machines, in seconds. */
  cpu: number;
  /** SSH log-ins that each machine's sshd has logged meanwhile. */
  logins: Record<string, number>;
}

/** Times the same preparation of the same machines, by Ansible and by us, and proves that it is the same. */
export class Comparison {
  readonly samples: Sample[] = [];
  /** Of the last first apply. */
  steps: ApplyResult["steps"] = [];

  /** The rig's stack file, with the machines' keys. */
  readonly stackFile: string;

  private readonly ansible: AnsibleArgs;
  private readonly drift: DriftArgs;

  /** `folder` is for what the two keep and read. */
  constructor(
    private readonly rig: Rig,
    root: string,
    folder: string,
  ) {
    const { agentSocket, machines } = rig;
    const stackFile = join(folder, "Pulumi.rig.yaml");
    this.stackFile = stackFile;
    writePinnedStack(root, stackFile, rig);
    this.drift = { root, stackFile, agentSocket };
    const inventory = join(folder, "inventory.json");
    const site = readSite(root, stackFile);
    const { preflight } = site.config.validation;
    writeFileSync(inventory, renderInventory(site.machines, nodeContextOf(site), preflight));
    const knownHosts = join(folder, "known-hosts");
    writeFileSync(knownHosts, machines.map((m) => `${m.address} ${m.hostKey}\n`).join(""));
    this.ansible = { root, folder, inventory, knownHosts, agentSocket };
  }

  /** Each prepares bare machines; each time both look at the result, and neither finds anything to change. */
  async run(): Promise<void> {
    await this.installPython();
    await this.sample("ansible-first", () => runPlaybook(this.ansible));
    await this.lookAgain();
    await this.resetMachines();
    await this.prepareByUs();
    await this.lookAgain();
  }

  /** Makes all machines bare again. */
  async resetMachines(): Promise<void> {
    await Promise.all(this.rig.machines.map((machine) => machine.reset()));
    await this.installPython();
  }

  private async prepareByUs(): Promise<void> {
    const lab = new Lab(this.rig);
    try {
      const result = await this.sample("apply", async () => {
        const start = performance.now();
        const applied = await lab.up();
        return { ...applied, milliseconds: performance.now() - start };
      });
      if (result.exitCode !== 0 || result.names("fail").length > 0) {
        throw new Error(`the apply failed:\n${explain(result, lab)}`);
      }
      this.steps = result.steps;
    } finally {
      lab.remove();
    }
  }

  private async lookAgain(): Promise<void> {
    await this.sample("drift-first", () => runDrift({ ...this.drift, fresh: true }));
    await this.sample("drift", () => runDrift(this.drift));
    const { changes } = await this.sample("ansible-again", () => runPlaybook(this.ansible));
    if (changes.length > 0) throw new Error(`Ansible finds to change: ${changes.join(", ")}`);
  }

  private async sample<Result extends { milliseconds: number }>(
    kind: Kind,
    run: () => Promise<Result>,
  ): Promise<Result> {
    const before = await this.countLogins();
    const start = readCpuTime();
    const result = await run();
    const cpu = readCpuTime() - start;
    const after = await this.countLogins();
    const logins = Object.fromEntries(
      Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]),
    );
    this.samples.push({ kind, milliseconds: result.milliseconds, cpu, logins });
    return result;
  }

  private async countLogins(): Promise<Record<string, number>> {
    const counts = this.rig.machines.map(async (machine): Promise<[string, number]> => {
      const { stdout } = await machine.exec(
        "journalctl --sync && journalctl -q --no-pager -o cat -t sshd",
      );
      return [
        machine.name,
        stdout.split("\n").filter((line) => line.startsWith("Accepted publickey ")).length,
      ];
    });
    return Object.fromEntries(await Promise.all(counts));
  }

  /**
   * The one package that Ansible needs on a machine and a standard Debian has; installed before either starts, so
   * that neither is timed with it.
   */
  private async installPython(): Promise<void> {
    const install = "apt-get -qq update && apt-get -qqy install python3-apt";
    await Promise.all(this.rig.machines.map((machine) => machine.exec(install)));
  }
}
