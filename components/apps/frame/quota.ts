import { z } from "zod";
import { cpu, size, type Resources } from "../../shared/scalars";
import { parseCpu, renderQuantity } from "../../shared/units";
import { countOf } from "./schema";

/** What one namespace may use; the defaults are those of `apps.quota`. */
export const quotaSchema = z.strictObject({
  requests: z
    .strictObject({
      cpu: cpu.prefault("4").describe("CPU, as Kubernetes writes it"),
      memory: size.prefault("8Gi").describe("Memory"),
    })
    .prefault({})
    .describe("Sum of the requests of an app's pods"),
  limits: z
    .strictObject({
      cpu: cpu.prefault("8").describe("CPU, as Kubernetes writes it"),
      memory: size.prefault("16Gi").describe("Memory"),
    })
    .prefault({})
    .describe("Sum of the limits of an app's pods"),
  pods: countOf("pods", 1, 110).prefault(20).describe("Number of an app's pods"),
});

/** What one app's namespace may use; memory in bytes. */
export interface Quota extends Resources {
  readonly pods: number;
}

/** Defaults for a container without requests and limits, whose pod a quota would refuse. */
const CONTAINER_DEFAULTS = {
  defaultRequest: { cpu: "50m", memory: "64Mi" },
  default: { cpu: "500m", memory: "256Mi" },
};

export function renderQuota(quota: Quota): { hard: Record<string, string> } {
  return {
    hard: {
      "requests.cpu": quota.requests.cpu,
      "requests.memory": renderQuantity(quota.requests.memory),
      "limits.cpu": quota.limits.cpu,
      "limits.memory": renderQuantity(quota.limits.memory),
      pods: String(quota.pods),
    },
  };
}

/** Defaults for containers that name no resources, and the quota as the most that a single one can have. */
export function renderLimitRange(quota: Quota, own?: Resources) {
  const max = { cpu: quota.limits.cpu, memory: renderQuantity(quota.limits.memory) };
  const defaults = own === undefined ? CONTAINER_DEFAULTS : renderDefaults(own);
  return { limits: [{ type: "Container", ...defaults, max }] };
}

function renderDefaults({ requests, limits }: Resources): typeof CONTAINER_DEFAULTS {
  return {
    defaultRequest: { cpu: requests.cpu, memory: renderQuantity(requests.memory) },
    default: { cpu: limits.cpu, memory: renderQuantity(limits.memory) },
  };
}

const isResources = (value: unknown): value is { resources: Resources; quota?: Quota } =>
  typeof value === "object" && value !== null && "resources" in value;

/** An app that its own quota would refuse, and a limit below its request, are errors before anything exists. */
export function validateQuota(apps: { quota: Quota }, ctx: z.RefinementCtx): void {
  const refuse = (path: string[], input: unknown, message: string): void => {
    ctx.addIssue({ code: "custom", path, input, message });
  };
  for (const [name, app] of Object.entries(apps)) {
    if (!isResources(app)) continue;
    const { requests, limits } = app.resources;
    const quota = app.quota ?? apps.quota;
    const key = app.quota === undefined ? "apps.quota" : `apps.${name}.quota`;
    for (const kind of ["requests", "limits"] as const) {
      const path = [name, "resources", kind];
      const most = quota[kind];
      if (cores(app.resources[kind].cpu) > cores(most.cpu)) {
        refuse(
          [...path, "cpu"],
          app.resources[kind].cpu,
          `at most ${key}.${kind}.cpu, ${most.cpu}`,
        );
      }
      if (app.resources[kind].memory > most.memory) {
        const accepted = `at most ${key}.${kind}.memory, ${renderQuantity(most.memory)}`;
        refuse([...path, "memory"], renderQuantity(app.resources[kind].memory), accepted);
      }
    }
    const path = [name, "resources", "limits"];
    if (cores(limits.cpu) < cores(requests.cpu)) {
      refuse([...path, "cpu"], limits.cpu, `at least what is requested, ${requests.cpu}`);
    }
    if (limits.memory < requests.memory) {
      const accepted = `at least what is requested, ${renderQuantity(requests.memory)}`;
      refuse([...path, "memory"], renderQuantity(limits.memory), accepted);
    }
  }
}

/** The schema has read it before: what is no quantity does not come here. */
function cores(text: string): number {
  return parseCpu(text) ?? 0;
}
