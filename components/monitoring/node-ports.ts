import type * as kubernetes from "@pulumi/kubernetes";
import { NAMESPACE } from "./names";
import type { ServedPort } from "./part";

/**
 * A Service of ours beside the chart's: not every chart lets its port be chosen, and with the policy Local the
 * pod sees who connects, so that the namespace's policies can tell the LAN from others.
 */
export function renderNodePortService(served: ServedPort): kubernetes.core.v1.ServiceArgs {
  return {
    metadata: { name: `${served.name}-lan`, namespace: NAMESPACE },
    spec: {
      type: "NodePort",
      externalTrafficPolicy: "Local",
      selector: { ...served.pods },
      ports: [
        { name: "http", port: served.port, targetPort: served.port, nodePort: served.nodePort },
      ],
    },
  };
}
