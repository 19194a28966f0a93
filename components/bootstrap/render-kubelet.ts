import { renderQuantity } from "../shared/units";
import type { CommonConfig } from "./common-config";

/** What the kubelet subtracts from a machine before pods get it, as Kubernetes quantities. */
export function renderReserved(reserve: CommonConfig["reserves"]["system"]): {
  cpu: string;
  memory: string;
} {
  return { cpu: reserve.cpu, memory: renderQuantity(reserve.memory) };
}

/** The audit policy: who did what to which object, without bodies, and without the noise of reads. */
export function renderAuditPolicy(): object {
  return {
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    rules: [
      { level: "None", verbs: ["get", "list", "watch"] },
      { level: "None", resources: [{ group: "coordination.k8s.io", resources: ["leases"] }] },
      { level: "None", resources: [{ group: "", resources: ["events"] }] },
      { level: "Metadata" },
    ],
  };
}
