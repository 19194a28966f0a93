import * as k8s from "@pulumi/kubernetes";
import type { AppFrame, AppFrameValues, AppPort } from "./app";

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

/** The Service of an app whose objects are written one by one. */
export function createAppService(
  name: string,
  spec: k8s.types.input.core.v1.ServiceSpec,
  frame: AppFrame,
): k8s.core.v1.Service {
  // Pulumi would wait for the Service's pods, which come only after it.
  const annotations = { "pulumi.com/skipAwait": "true" };
  const { namespace, labels } = frame;
  return new k8s.core.v1.Service(
    `${frame.prefix}-service`,
    { metadata: { name, namespace, labels, annotations }, spec },
    frame.after(),
  );
}
