import { z } from "zod";
import { ROLE, isSleeper, type Sleeper } from "../../../components/power/names";
import { agentStep, controllerStep, credentialsStep } from "../../../components/power/steps";
import type { SleepingApp } from "../../../components/power/types";
import { trustStep } from "../../../components/remote/agent/steps";
import { renderStdin } from "../../../components/remote/render-stdin";
import type { Step } from "../../../components/remote/step";
import { addNodes } from "../../cluster/nodes";
import type { TestCluster } from "../../cluster/test-cluster";
import { toolPath } from "../../cluster/tools";
import { startCluster } from "../../cluster/use-cluster";
import { run } from "../command";
import type { Machine } from "../machine";
import { NETWORK } from "../machine-spec";
import { readied } from "../readied";
import type { Rig } from "../rig";
import { waitFor } from "../wait";
import { Kubelets } from "./kubelets";
import { config, describeMachine, lan, renderServer, STAND_INS } from "./lab";
import { createAccount, renderAgent, renderWorkload } from "./objects";

/** What a Jellyfin would be: it answers whenever its machine is up and, as there is no kube-proxy, at its Service's address. */
const renderApp = (address: string): string => `
mkdir -p /srv/www /etc/systemd/system/app.service.d && echo film >/srv/www/film
printf '[Service]\\nExecStartPre=ip address replace ${address}/32 dev lo\\n' >/etc/systemd/system/app.service.d/address.conf
${renderServer("/srv/www", 8096)}`;

const APP_OF_HOMELAB: SleepingApp = {
  ...{ app: "jellyfin", title: "Jellyfin", path: "apps.jellyfin" },
  ...{ machine: "hazel", service: "jellyfin" },
  workload: { namespace: "jellyfin", kind: "Deployment", name: "jellyfin" },
  ...{ probePort: 8096 },
  advertised: [{ port: 30_096, servicePort: 8096, speaks: "http" }],
};

const rows = z.array(z.looseObject({ machine: z.string(), state: z.string() }));
const service = z.object({ spec: z.object({ clusterIP: z.string() }) });
const node = z.object({ spec: z.object({ unschedulable: z.boolean().default(false) }) });
const deployment = z.object({ spec: z.object({ replicas: z.number() }) });

/** The power layer on the rig's machines, with a real control plane at the tests' own address. */
export class ClusterLab {
  readonly sleepers: Sleeper[];
  readonly control: Machine;
  private kubelets: Kubelets | undefined;

  private constructor(
    readonly rig: Rig,
    readonly cluster: TestCluster,
  ) {
    this.control = rig.machine("maple");
    this.sleepers = [
      describeMachine(rig.machine("spruce"), { mode: "sleeps" }),
      describeMachine(rig.machine("hazel"), { mode: "sleeps", method: "poweroff" }),
    ].filter(isSleeper);
  }

  static async start(rig: Rig): Promise<ClusterLab> {
    const lab = new ClusterLab(rig, await startCluster({ bind: NETWORK.controller }));
    return readied(lab, () => lab.prepare());
  }

  async stop(): Promise<void> {
    try {
      await this.kubelets?.stop();
    } finally {
      await this.cluster.stop();
    }
  }

  get controllerStep(): Step {
    const { sleepers } = this;
    const apps = [APP_OF_HOMELAB];
    return controllerStep({ config, lan, sleepers, apps, hasSecret: () => false });
  }

  agentStep(sleeper: Sleeper): Step {
    return agentStep(sleeper, config, 6443);
  }

  async perform(machine: Machine, step: Step, verb: string): Promise<string> {
    const input = renderStdin(step, { machine: machine.name, lockSeconds: 60 });
    return (await machine.exec(`sh -eus ${verb}`, { input })).stdout;
  }

  /** Every step of the layer, with the machine that it is for; `key`: what the controller's step printed. */
  async listSteps(key: string): Promise<[Machine, Step][]> {
    const kubeconfig = await createAccount(this.cluster, this.sleepers, APP_OF_HOMELAB);
    const { control, rig } = this;
    return [
      [control, this.controllerStep],
      [control, credentialsStep({ kubeconfig, wakeSecrets: {}, appKeys: {} })],
      ...this.sleepers.flatMap((sleeper): [Machine, Step][] => {
        const machine = rig.machine(sleeper.name);
        return [
          [machine, this.agentStep(sleeper)],
          [machine, trustStep(ROLE, key, control.address)],
        ];
      }),
    ];
  }

  /** The layer as a whole. */
  async apply(): Promise<void> {
    const key = await this.perform(this.control, this.controllerStep, "apply");
    for (const [machine, step] of await this.listSteps(key))
      await this.perform(machine, step, "apply");
  }

  async isCordoned(name: string): Promise<boolean> {
    const { spec } = node.parse(await this.cluster.api.get(`/api/v1/nodes/${name}`));
    return spec.unschedulable;
  }

  async replicas(): Promise<number> {
    const path = "/apis/apps/v1/namespaces/jellyfin/deployments/jellyfin";
    return deployment.parse(await this.cluster.api.get(path)).spec.replicas;
  }

  async rowOf(name: string): Promise<z.infer<typeof rows>[number] | undefined> {
    const { stdout } = await this.control.exec("vmstation-power-state.sh --json");
    return rows.parse(JSON.parse(stdout)).find(({ machine }) => machine === name);
  }

  reaches(name: string, ...states: string[]): Promise<unknown> {
    const reached = async (): Promise<boolean> =>
      states.includes((await this.rowOf(name))?.state ?? "");
    return waitFor(`${name} to be ${states.join(" or ")}`, reached, 90_000);
  }

  private async prepare(): Promise<void> {
    const { cluster, control, rig, sleepers } = this;
    const machines = sleepers.map(({ name }) => rig.machine(name));
    await addNodes(cluster, [
      {
        ...{ name: control.name, address: control.address },
        taints: ["node-role.kubernetes.io/control-plane:NoSchedule"],
        labels: { "node-role.kubernetes.io/control-plane": "" },
      },
      ...machines.map(({ name, address }) => ({ name, address })),
    ]);
    this.kubelets = new Kubelets(cluster, machines);
    for (const machine of rig.machines) await machine.exec(STAND_INS);
    await run("cp", [toolPath("kubectl"), `${control.disk.root}/usr/local/bin/kubectl`]);
    await cluster.kubectl(["create", "namespace", "jellyfin"]);
    await cluster.api.apply(renderAgent());
    await cluster.api.apply(renderWorkload("jellyfin", "jellyfin", "hazel"));
    await cluster.api.apply(renderWorkload("media", "default", "spruce"));
    await cluster.kubectl([
      "-n",
      "jellyfin",
      "create",
      "service",
      "clusterip",
      "jellyfin",
      "--tcp=8096",
    ]);
    const path = "/api/v1/namespaces/jellyfin/services/jellyfin";
    const { spec } = service.parse(await cluster.api.get(path));
    const compute = rig.machine("hazel");
    await compute.exec(renderApp(spec.clusterIP));
    await control.exec(`ip route add ${spec.clusterIP} via ${compute.address}`);
  }
}
