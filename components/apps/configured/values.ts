import type { AppFrameValues, AppPlan } from "../frame/app";
import type { FrameValues } from "./into-frame";
import type { ConfiguredConfig } from "./schema";
import { SLEEPS_WITH } from "../../shared/labels";

/** On all that belongs to such an app: a chart gives the usual labels values of its own. */
export const APP_LABEL = "vmstation.io/app";

/** The values of a plan, before anything is made or judged of it. */
export type ConfiguredPlan = Omit<AppPlan, "judge" | "judgeRendered" | "deploy">;

/** What is judged and deployed, and where the project's files are. */
export interface ConfiguredApp {
  readonly plan: ConfiguredPlan;
  readonly config: ConfiguredConfig;
  readonly sleeps: boolean;
  /** The folder in which the configuration names files. */
  readonly folder: string;
}

/** The frame as plain values, for objects that others have written. */
export function frameValuesOf(
  plan: ConfiguredPlan,
  config: ConfiguredConfig,
  frame: AppFrameValues,
): FrameValues {
  const machine = frame.labels[SLEEPS_WITH];
  const nodePorts = plan.ports.flatMap(({ port, nodePort }) =>
    nodePort === undefined ? [] : [[String(port), nodePort] as const],
  );
  return {
    namespace: frame.namespace,
    labels: {
      [APP_LABEL]: plan.name,
      ...(machine === undefined ? {} : { [SLEEPS_WITH]: machine }),
    },
    annotations: frame.annotations,
    placement: frame.placement,
    scaled: frame.sleeps ? plan.workload : undefined,
    service: {
      name: plan.service,
      type: frame.serviceType,
      nodePorts: Object.fromEntries(nodePorts),
    },
    imageRegistry: frame.sources.imageRegistry,
    clusterWide: config.clusterWide,
  };
}
