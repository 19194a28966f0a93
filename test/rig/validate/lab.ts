import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { renderStdin } from "../../../components/remote/render-stdin";
import type { Step } from "../../../components/remote/step";
import { renderInstallStep } from "../../../components/validation/validation";
import { kubeObject } from "../../cluster/kube-object";
import { addNodes } from "../../cluster/nodes";
import type { TestCluster } from "../../cluster/test-cluster";
import { toolPath } from "../../cluster/tools";
import { startCluster } from "../../cluster/use-cluster";
import { homelabSite } from "../../support/site";
import { BackupLab } from "../backup/lab";
import { run, type CommandResult } from "../command";
import type { Machine } from "../machine";
import { NETWORK } from "../machine-spec";
import { TimeServer } from "../node/vm-time-server";
import { readied } from "../readied";
import type { Rig } from "../rig";
import { NAMESPACE, OBJECTS, TARGETS } from "./objects";

/** The router's address: a second one of the controller's. */
const GATEWAY = "10.213.0.2";
const CLUSTER_DNS = "10.96.0.10";
const ZONE = "kubernetes.default.svc.cluster.local 10.96.0.1\ndebian.org 192.0.2.1\n";

/** Where each machine's part of the pod network is. */
const tunnelOf = (machine: Machine): string => `10.244.${machine.address.split(".")[3] ?? ""}.0`;

/**
 * The checks, installed by their layer's step on the rig's control plane, and all that they look at: a real API server
 * with its controllers, real machines with clocks, disks and a network, and part.py for what asks to be served.
 */
export class ValidationLab {
  readonly control: Machine;
  readonly hazel: Machine;
  private readonly folder = mkdtempSync(path.join(tmpdir(), "vmstation-validation-"));
  private timeServer: TimeServer | undefined;

  private constructor(
    readonly rig: Rig,
    readonly cluster: TestCluster,
  ) {
    this.control = rig.machine("maple");
    this.hazel = rig.machine("hazel");
  }

  static async start(rig: Rig): Promise<ValidationLab> {
    // Longer than any one look takes, so that a test may speak for a kubelet.
    const lab = new ValidationLab(rig, await startCluster({ bind: NETWORK.controller, grace: 20 }));
    return readied(lab, () => lab.prepare());
  }

  async stop(): Promise<void> {
    this.timeServer?.stop();
    await this.cluster.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** `vmstation validate …` of an operator, by SSH. */
  validate(...args: string[]): Promise<CommandResult> {
    const backups = new BackupLab(this.rig);
    return backups.verb(["validate", ...args], path.join(this.folder, "Pulumi.rig.yaml"));
  }

  async perform(step: Step, verb: string, anyCode = false): Promise<CommandResult> {
    const input = renderStdin(step, { machine: this.control.name, lockSeconds: 60 });
    return this.control.exec(`sh -eus ${verb}`, { input, anyCode });
  }

  /** A certificate of the control plane that ends in so many days. */
  async writeCertificate(file: string, days: number): Promise<void> {
    const script = readFileSync(path.join(__dirname, "certificates.sh"), "utf8");
    await this.control.exec(`${script}\ncertificate ${file} ${days}`);
  }

  writeZone(text = ZONE): Promise<unknown> {
    return this.control.exec("mkdir -p /etc/part; cat >/etc/part/zone", { input: text });
  }

  writeTargets(health: "up" | "down" | "none"): Promise<unknown> {
    const input = JSON.stringify(TARGETS[health]);
    return this.control.exec("mkdir -p /etc/part; cat >/etc/part/targets.json", { input });
  }

  /** A time server that is so many milliseconds ahead, and a chronyd that has heard of no other. */
  async keepTime(ahead: number): Promise<void> {
    this.timeServer?.stop();
    this.timeServer = await TimeServer.start(NETWORK.controller, ahead);
    await this.control.exec("systemctl restart chrony && chronyc waitsync 120 0 0 0.5 >/dev/null");
  }

  setGateway(verb: "add" | "del"): Promise<unknown> {
    return run("ip", ["address", verb, `${GATEWAY}/24`, "dev", "rig0"]);
  }

  setTunnel(machine: Machine, verb: "add" | "del"): Promise<unknown> {
    return machine.exec(`ip address ${verb} ${tunnelOf(machine)}/32 dev lo`);
  }

  private async prepare(): Promise<void> {
    new BackupLab(this.rig).writeConfig(path.join(this.folder, "Pulumi.rig.yaml"));
    await this.prepareCluster();
    await this.prepareControl();
    for (const machine of this.rig.machines) await this.prepareMachine(machine);
    const step = this.installStep();
    await this.perform(step, "apply");
  }

  installStep(): Step {
    const { config, machines } = homelabSite([["validation", "pods", "pendingFor"], "2s"]);
    const { address } = this.control;
    return renderInstallStep(config.validation, {
      machines: machines.map((each) => ({
        ...each,
        address: this.rig.machine(each.name).address,
      })),
      ...{ lan: { gateway: GATEWAY }, clusterDns: CLUSTER_DNS, namespaces: [NAMESPACE] },
      encapsulation: "IPIP",
      daemonSets: ["calico-node", "kube-proxy"],
      monitoring: {
        endpoints: { Grafana: `http://${address}:30300/api/health` },
        prometheus: `http://${address}:30090`,
      },
    });
  }

  private async prepareCluster(): Promise<void> {
    const { cluster, rig, control } = this;
    await addNodes(
      cluster,
      rig.machines.map((machine) => ({
        ...{ name: machine.name, address: machine.address },
        taints: machine === control ? ["node-role.kubernetes.io/control-plane:NoSchedule"] : [],
      })),
    );
    for (const machine of rig.machines) {
      const { name } = machine;
      const annotations = { "projectcalico.org/IPv4IPIPTunnelAddr": tunnelOf(machine) };
      await cluster.api.merge(`/api/v1/nodes/${name}`, { metadata: { annotations } });
      await cluster.api.merge(`/api/v1/nodes/${name}/status`, {
        status: { daemonEndpoints: { kubeletEndpoint: { Port: 10250 } } },
      });
    }
    for (const object of OBJECTS) await cluster.api.apply(kubeObject.parse(object));
  }

  private async prepareControl(): Promise<void> {
    const { cluster, control, rig } = this;
    await run("cp", [toolPath("kubectl"), `${control.disk.root}/usr/local/bin/kubectl`]);
    await control.exec(
      "mkdir -p /etc/kubernetes && umask 077 && cat >/etc/kubernetes/admin.conf; " +
        "apt-get -qq update && apt-get -qq install chrony >/dev/null; " +
        `echo 'server ${NETWORK.controller} iburst minpoll 0 maxpoll 0' >/etc/chrony/chrony.conf; ` +
        `ip address add ${CLUSTER_DNS}/32 dev lo`,
      { input: readFileSync(cluster.kubeconfig, "utf8") },
    );
    for (const machine of rig.machines.filter((each) => each !== control))
      await control.exec(`ip route add ${tunnelOf(machine)} via ${machine.address}`);
    await this.writeCertificate("/etc/kubernetes/ssl/apiserver.crt", 365);
    await this.writeZone();
    await this.writeTargets("up");
    await this.setGateway("add");
    await this.keepTime(0);
  }

  private async prepareMachine(machine: Machine): Promise<void> {
    const own = ["node-exporter", "kubelet"];
    const parts = machine === this.control ? [...own, "grafana", "prometheus", "dns"] : own;
    const put = (file: string, to: string): Promise<unknown> =>
      machine.exec(`mkdir -p "$(dirname '${to}')" && cat >'${to}'`, {
        input: readFileSync(path.join(__dirname, file), "utf8"),
      });
    await put("part.py", "/usr/local/lib/part.py");
    await put("part@.service", "/etc/systemd/system/part@.service");
    await machine.exec(
      `systemctl daemon-reload; systemctl start ${parts.map((each) => `part@${each}`).join(" ")}`,
    );
    await this.setTunnel(machine, "add");
  }
}
