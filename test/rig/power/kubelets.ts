import { setTimeout as pause } from "node:timers/promises";
import type { TestCluster } from "../../cluster/test-cluster";
import type { Machine } from "../machine";

/** How often the machines are looked at, in milliseconds; a kubelet renews its lease every 10 s. */
const INTERVAL = 500;

const ASLEEP = "test.vmstation.io/asleep";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

/**
 * What the machines' kubelets would tell the API server, as far as kwok does not: a machine that is up renews its
 * lease, one that sleeps or is off is not heard of. One that is off answers nothing at all, not even refusals.
 */
export class Kubelets {
  private stopped = false;
  private readonly up = new Map<string, boolean>();
  private readonly done: Promise<void>;

  constructor(
    private readonly cluster: TestCluster,
    private readonly machines: readonly Machine[],
  ) {
    this.done = this.run();
    // Told by stop(), to whom it matters.
    this.done.catch(() => undefined);
  }

  /** Rejects with what went wrong meanwhile. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.done;
  }

  private async run(): Promise<void> {
    for (const { name } of this.machines) {
      await this.cluster.api.call("POST", LEASES, {
        ...{ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name } },
        spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: this.time() },
      });
    }
    while (!this.stopped) {
      await Promise.all(this.machines.map((machine) => this.tell(machine)));
      await pause(INTERVAL);
    }
  }

  private time(): string {
    return new Date().toISOString().replace("Z", "000Z");
  }

  private async tell(machine: Machine): Promise<void> {
    const { name, state } = machine;
    const up = state === "on";
    if (up !== this.up.get(name)) {
      const metadata = { annotations: { [ASLEEP]: up ? null : "" } };
      await this.cluster.api.merge(`/api/v1/nodes/${name}`, { metadata });
      // A container's network outlives it and would refuse connections.
      if (state === "off") await machine.cutLink();
      this.up.set(name, up);
    }
    if (up) await this.cluster.api.merge(`${LEASES}/${name}`, { spec: { renewTime: this.time() } });
  }
}
