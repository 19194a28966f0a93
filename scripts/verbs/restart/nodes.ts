import { z } from "zod";
import { quote } from "../../kit/controller/power-controller";
import { parseJson } from "../../kit/parse-json";
import type { Operator } from "../../kit/ssh/operator";
import { UserError } from "../../kit/user-error";
import { describeControlPlane } from "../../../components/bootstrap/facts";

/** Says on a Node that it was this that took it out of service: a restart that was cut is continued. */
const MARK = "vmstation.io/drained";

const list = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        annotations: z.record(z.string(), z.string()).prefault({}),
      }),
      spec: z.object({ unschedulable: z.boolean().prefault(false) }),
      status: z.object({
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).prefault([]),
        nodeInfo: z.object({ bootID: z.string() }),
      }),
    }),
  ),
});

export interface NodeSeen {
  readonly name: string;
  readonly ready: boolean;
  readonly cordoned: boolean;
  /** Cordoned by this, and not by a person. */
  readonly ours: boolean;
  /** Of the boot that the kubelet runs in. */
  readonly boot: string;
}

/** The cluster's Nodes, by kubectl on the controller. */
export class Nodes {
  private readonly kubectl: readonly string[];

  constructor(private readonly operator: Pick<Operator, "run" | "controller" | "site">) {
    const { site, controller } = operator;
    const { kubectl } = describeControlPlane(site.config.bootstrap, controller.name);
    this.kubectl = [kubectl.program, "--kubeconfig", kubectl.kubeconfig];
  }

  async look(): Promise<NodeSeen[]> {
    const seen = list.safeParse(parseJson(await this.run("get", "nodes", "-o", "json")));
    if (!seen.success)
      throw new UserError(
        `kubectl on ${this.operator.controller.name} gave no readable list of Nodes`,
      );
    return seen.data.items.map(({ metadata, spec, status }) => ({
      name: metadata.name,
      ready: status.conditions.some((each) => each.type === "Ready" && each.status === "True"),
      cordoned: spec.unschedulable,
      ours: metadata.annotations[MARK] !== undefined,
      boot: status.nodeInfo.bootID,
    }));
  }

  async drain(name: string): Promise<void> {
    await this.run("annotate", "node", name, `${MARK}=restart`, "--overwrite");
    const how = ["--ignore-daemonsets", "--delete-emptydir-data", "--timeout=5m"];
    await this.run("drain", name, ...how);
  }

  async takeBack(name: string): Promise<void> {
    await this.run("uncordon", name);
    await this.run("annotate", "node", name, `${MARK}-`);
  }

  private async run(...words: string[]): Promise<string> {
    const { controller } = this.operator;
    const command = [...this.kubectl, ...words].map(quote).join(" ");
    const { code, stdout, stderr } = await this.operator.run(controller, {
      command: "sudo -n sh -eus",
      input: `exec ${command} </dev/null\n`,
    });
    if (code === 0) return stdout;
    const why = stderr.trim().split("\n").slice(-2).join(" ");
    throw new UserError(
      `kubectl ${words[0] ?? ""} on ${controller.name}: ${why || `code ${code}`}`,
    );
  }
}
