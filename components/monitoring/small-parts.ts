import type { Resources } from "../shared/scalars";

const MEBI = 2 ** 20;

function small(requestMi: number, limitMi: number): Resources {
  return {
    requests: { cpu: "10m", memory: requestMi * MEBI },
    limits: { cpu: "200m", memory: limitMi * MEBI },
  };
}

/**
 * Requests and limits of parts that nobody needs to tune. Sources: the parts' own recommendations where they
 * give any (kube-state-metrics: 250 MiB for 100 nodes), else what they take in a cluster of three machines.
 */
export const SMALL = {
  operator: small(64, 192),
  kubeStateMetrics: small(48, 128),
  nodeExporter: small(32, 64),
  configReloader: small(16, 50),
} as const;
