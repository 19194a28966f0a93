import type * as k8s from "@pulumi/kubernetes";
import type { AppFrameValues, AppPort } from "./app";

/**
 * The Service that leads to an app's ports, each by the name that the container gives it: a NodePort on an
 * always-on machine, else a ClusterIP behind the port that the power controller holds on the control plane.
 */
export function renderAppService(
  ports: readonly AppPort[],
  frame: Pick<AppFrameValues, "serviceType" | "selector">,
): k8s.types.input.core.v1.ServiceSpec {
  return {
    type: frame.serviceType,
    selector: { ...frame.selector },
    ports: ports.map(({ name, port, nodePort }) => ({
      name,
      port,
      targetPort: name,
      protocol: "TCP",
      ...(frame.serviceType === "NodePort" ? { nodePort } : {}),
    })),
  };
}
