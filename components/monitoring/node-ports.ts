import type * as kubernetes from "@pulumi/kubernetes";
import type { MonitoringConfig } from "./config";
import { NAMESPACE, PODS, PORTS } from "./names";

/** One thing that people reach from the LAN. */
export interface NodePortService {
  readonly name: "prometheus" | "grafana" | "loki";
  readonly nodePort: number;
  readonly port: number;
  readonly pods: Readonly<Record<string, string>>;
}

export function renderNodePorts(config: MonitoringConfig): readonly NodePortService[] {
  return [
    {
      name: "prometheus",
      nodePort: config.prometheus.nodePort,
      port: PORTS.prometheus,
      pods: PODS.prometheus,
    },
    {
      name: "grafana",
      nodePort: config.grafana.nodePort,
      port: PORTS.grafana,
      pods: PODS.grafana,
    },
    { name: "loki", nodePort: config.loki.nodePort, port: PORTS.loki, pods: PODS.loki },
  ];
}

/**
 * A Service of ours beside the chart's: not every chart lets its port be chosen, and with the policy Local the
 * pod sees who connects, so that the namespace's policies can tell the LAN from others.
 */
export function renderNodePortService(service: NodePortService): kubernetes.core.v1.ServiceArgs {
  return {
    metadata: { name: `${service.name}-lan`, namespace: NAMESPACE },
    spec: {
      type: "NodePort",
      externalTrafficPolicy: "Local",
      selector: { ...service.pods },
      ports: [
        { name: "http", port: service.port, targetPort: service.port, nodePort: service.nodePort },
      ],
    },
  };
}
