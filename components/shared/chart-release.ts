import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { renderChartSource, type ChartSources } from "./charts";
import type { ChartPin } from "../versions";
import type { Values } from "./json";

export interface ChartReleaseSpec {
  /** The release's name in the cluster. */
  readonly release: string;
  readonly pin: ChartPin;
  readonly values: Values;
  /**
   * Whether it has a DaemonSet. Helm would wait for its pod on every machine, also on machines that sleep.
   * So `up` does not wait for such a release.
   */
  readonly daemonSet: boolean;
  /** Whether it defines the kinds of objects that other parts make. It is installed before everything else. */
  readonly isFirst?: boolean;
  /** Names of releases that are installed before it. */
  readonly after?: readonly string[];
}

export function renderReleaseArgs(
  spec: ChartReleaseSpec,
  namespace: string,
  config: ChartSources,
): kubernetes.helm.v3.ReleaseArgs {
  return {
    name: spec.release,
    namespace,
    ...renderChartSource(spec.pin, config),
    values: spec.values,
    // Helm never upgrades a chart's crds/ folder. The operator's CRDs are a release of their own.
    skipCrds: true,
    maxHistory: 5,
    timeout: config.timeout,
    ...(spec.daemonSet ? { skipAwait: true } : { atomic: true, cleanupOnFail: true }),
  };
}

/** The release as a child of `opts.parent`, named after it. */
export function createRelease(
  parentName: string,
  spec: ChartReleaseSpec,
  namespace: string,
  config: ChartSources,
  opts: pulumi.CustomResourceOptions,
): kubernetes.helm.v3.Release {
  return new kubernetes.helm.v3.Release(
    `${parentName}-${spec.release}`,
    renderReleaseArgs(spec, namespace, config),
    opts,
  );
}
