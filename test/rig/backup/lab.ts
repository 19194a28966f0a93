import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseDocument } from "yaml";
import { backupSchema } from "../../../components/backup/config";
import { listItems, type SettingsInput } from "../../../components/backup/render-settings";
import { ROLE } from "../../../components/backup/names";
import { agentStep, controllerStep, passwordStep } from "../../../components/backup/steps";
import { describeControlPlane } from "../../../components/bootstrap/facts";
import type { BackupSource } from "../../../components/shared/facts";
import { machineSchema } from "../../../components/node/config";
import { trustStep } from "../../../components/remote/agent/steps";
import type { Step } from "../../../components/remote/step";
import { run, type CommandResult } from "../command";
import type { Machine } from "../machine";
import { osOf } from "../machine-spec";
import { PowerLab } from "../power/lab";
import type { Rig } from "../rig";
import { planStackApps, type StackApp } from "./stack-apps";

const ROOT = path.join(__dirname, "../../..");

/** What must be found in nothing that anybody is shown. */
export const PASSWORD = "rig-s3cret-of-the-repositories";

const ETCDCTL =
  "ETCDCTL_API=3 etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/ssl/etcd/ssl/ca.pem " +
  "--cert /etc/ssl/etcd/ssl/admin-maple.pem --key /etc/ssl/etcd/ssl/admin-maple-key.pem";

function source(name: string, machine: string, directory: string): BackupSource {
  return {
    ...{ name, set: "apps", machine, directory, leaveOut: [], databases: true },
    pods: { namespace: name, selector: `app.kubernetes.io/name=${name}` },
  };
}

function describe(machine: Machine, role: string): SettingsInput["controller"] {
  const { name, address, mac, nic, sshUser, hostKey } = machine;
  const parsed = machineSchema.parse({
    ...{ address, mac, nic, sshUser, hostKey },
    ...{ os: "debian-12", roles: role === "worker" ? [role] : [role, "etcd"], dns: ["192.0.2.1"] },
  });
  return { name, ...parsed, sleeps: role === "worker" };
}

/** The backup layer on the rig's machines: etcd and the controller on maple, an app on one that sleeps. */
export class BackupLab {
  readonly control: Machine;
  readonly sleeper: Machine;
  readonly power: PowerLab;
  /** One of each kind that a stack's file may describe. */
  readonly apps: readonly StackApp[];

  constructor(private readonly rig: Rig) {
    this.control = rig.machine("maple");
    this.sleeper = rig.machine("hazel");
    this.power = new PowerLab({ rig, sleepers: { hazel: { mode: "sleeps" } }, apps: [] });
    this.apps = planStackApps(this.control, this.sleeper);
  }

  private input(): SettingsInput {
    const controller = describe(this.control, "control-plane");
    return {
      clusterName: "rig",
      config: backupSchema.parse({
        repository: "/srv/backups/vmstation",
        etcd: { keepLast: 2, keep: "1h" },
        check: { subset: "100%" },
      }),
      controller,
      machines: [controller, describe(this.sleeper, "worker")],
      controlPlane: describeControlPlane({ method: "kubespray" }, controller.name),
      // Those of a machine one after the other, for which it is woken once.
      sources: [
        source("minecraft", "hazel", "/srv/world"),
        source("notes", "maple", "/srv/notes"),
        ...this.apps.flatMap(({ sources }) => sources),
      ].sort((a, b) => a.machine.localeCompare(b.machine)),
    };
  }

  /** etcd, with the certificates that are there or new ones. */
  async installEtcd(): Promise<void> {
    const input = readFileSync(path.join(__dirname, "etcd.sh"), "utf8");
    const { name, address } = this.control;
    await this.control.exec(`sh -s ${name} ${address}`, { input });
  }

  /** etcd, the power layer, and something to back up. */
  async prepare(): Promise<void> {
    await this.installEtcd();
    await this.control.exec("mkdir -p /srv/notes && echo first >/srv/notes/one");
    await this.sleeper.exec("mkdir -p /srv/world && echo blocks >/srv/world/region.mca");
    for (const app of this.apps) {
      await this.makeFolders(app, "apply");
      await app.write();
    }
    await this.power.prepare();
    const key = await this.power.perform(this.control, this.power.controller(), "apply");
    for (const [machine, step] of this.power.steps(key))
      await this.power.perform(machine, step, "apply");
  }

  /** The frame's step for an app's folders. */
  makeFolders({ machine, folders }: StackApp, verb: string): Promise<string> {
    return this.power.perform(machine, folders, verb);
  }

  /** A pod as the frame labels it, at the stand-in for the API server. */
  runPod({ name, machine, plan }: StackApp): Promise<void> {
    return this.power.store("pod", name, {
      metadata: { name, namespace: name, labels: plan.selector },
      spec: { nodeName: machine.name },
      status: { phase: "Running" },
    });
  }

  /** The layer's steps, each with its machine, in the order of the graph. `key`: the controller's. */
  steps(key: string): (readonly [Machine, Step])[] {
    const input = this.input();
    const remote = listItems(input).filter(({ machine }) => machine?.name === this.sleeper.name);
    return [
      ...this.controllerSteps(),
      [this.sleeper, agentStep(remote)],
      [this.sleeper, trustStep(ROLE, key, this.control.address)],
    ];
  }

  controllerSteps(): (readonly [Machine, Step])[] {
    return [
      [this.control, this.controller()],
      [this.control, passwordStep(PASSWORD)],
    ];
  }

  controller(): Step {
    return controllerStep(this.input());
  }

  /** `vmstation-backup …` on the controller. */
  backup(command: string, options: { anyCode?: boolean } = {}): Promise<CommandResult> {
    return this.control.exec(`vmstation-backup ${command}`, options);
  }

  /** restic on one of the repositories. */
  async restic(set: string, command: string): Promise<string> {
    const options = `--repo /srv/backups/vmstation/${set} --password-file /etc/vmstation/backup/password`;
    return (await this.control.exec(`restic ${options} --no-cache ${command}`)).stdout;
  }

  /** `vmstation …` of an operator, by SSH. `configFile`: the rig's configuration with host keys. */
  verb(args: readonly string[], configFile: string): Promise<CommandResult> {
    const [verb = "", ...rest] = args;
    const options = ["--stack", "rig", "--config-file", configFile];
    return run(process.execPath, ["scripts/vmstation.cjs", "-C", ROOT, verb, ...options, ...rest], {
      anyCode: true,
      env: { ...process.env, SSH_AUTH_SOCK: this.rig.agentSocket },
    });
  }

  /** The rig's configuration in a file of the caller's, with the machines' host keys pinned. */
  writeConfig(file: string): void {
    const text = readFileSync(path.join(__dirname, "../Pulumi.rig.yaml"), "utf8");
    const document = parseDocument(text);
    for (const { name, hostKey, spec } of this.rig.machines) {
      document.setIn(["config", "vmstation:machines", name, "hostKey"], hostKey);
      document.setIn(["config", "vmstation:machines", name, "os"], osOf(spec));
    }
    writeFileSync(file, document.toString());
  }

  /** A copy of the repositories, for a test that damages them; yields how they come back. */
  async damage(command: string): Promise<() => Promise<unknown>> {
    await this.control.exec("cp -a /srv/backups/vmstation /srv/backups/whole");
    await this.control.exec(command);
    return () =>
      this.control.exec(
        "rm -rf /srv/backups/vmstation && mv /srv/backups/whole /srv/backups/vmstation",
      );
  }

  async etcdctl(command: string): Promise<string> {
    return (await this.control.exec(`${ETCDCTL} ${command}`)).stdout;
  }

  /** Every key with its value, as etcd lists them. */
  keys(): Promise<string> {
    return this.etcdctl('get "" --from-key');
  }

  async put(prefix: string, count: number): Promise<void> {
    await this.control.exec(
      `for i in $(seq ${count}); do ${ETCDCTL} put "${prefix}/$i" "value-$i" >/dev/null; done`,
    );
  }
}
