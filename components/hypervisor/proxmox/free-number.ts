import { request } from "node:https";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { pinnedCertificates } from "../certificates";
import type { HypervisorConfig } from "../config";
import { describeFailure, trustOptions } from "./trust";

const HOOK = "vmstation-free-number";

const PATIENCE = 20_000;

const inputsSchema = z.looseObject({ vmId: z.number(), name: z.string() });

/** What the API answers on a question for a number. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
}

export type Ask = (path: string) => Promise<Answer>;

/**
 * Lets no machine be made whose number is in use. The provider takes Proxmox's refusal for a sign that its first attempt
 * has succeeded after all: it would start somebody else's machine, change its disk, and have it as its own.
 */
export function requireFreeNumbers(
  config: Pick<HypervisorConfig, "endpoint" | "certificateAuthority" | "hosts">,
  token: pulumi.Output<string> | undefined,
): pulumi.ResourceHookBinding {
  const hook = new pulumi.ResourceHook(HOOK, async ({ newInputs }) => {
    const { vmId, name } = inputsSchema.parse(newInputs);
    const problem = await findNumberProblem({ vmId, name }, await createAsk(config, token));
    if (problem !== undefined) throw new Error(problem);
  });
  return { beforeCreate: [hook] };
}

/** Why a machine cannot have its number; undefined where it can. */
export async function findNumberProblem(
  { vmId, name }: { readonly vmId: number; readonly name: string },
  ask: Ask,
): Promise<string | undefined> {
  const { status, reason } = await ask(`/cluster/nextid?vmid=${vmId}`);
  if (status === 200) return undefined;
  if (status !== 400)
    return `${name} is not made, as Proxmox does not say whether its number ${vmId} is free: ${status} ${reason}`;
  return (
    `${name} is not made, as number ${vmId} is in use in Proxmox. If an update that was cut has made the machine, ` +
    "npx vmstation up takes it up. If it is another one, give this one another vm.id"
  );
}

async function createAsk(
  config: Parameters<typeof requireFreeNumbers>[0],
  token: pulumi.Output<string> | undefined,
): Promise<Ask> {
  const known = await new Promise<string>((resolve) => {
    pulumi.output(token ?? "").apply(resolve);
  });
  const { endpoint } = config;
  const certificates = pinnedCertificates(config);
  const trust = trustOptions(certificates, process.env);
  const headers = { Authorization: `PVEAPIToken=${known}` };
  return (path) =>
    new Promise((resolve, reject) => {
      const url = `${endpoint.replace(/\/$/, "")}/api2/json${path}`;
      const signal = AbortSignal.timeout(PATIENCE);
      const asked = request(url, { headers, signal, ...trust }, (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode ?? 0, reason: answer.statusMessage ?? "" });
      });
      asked.on("error", (error) => {
        const why = describeFailure(error, certificates);
        reject(new Error(`Proxmox does not answer at ${endpoint}: ${why}`));
      });
      asked.end();
    });
}
