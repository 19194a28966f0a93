import type { AppFrameValues } from "../../../components/apps/frame/app";
import {
  renderLabels,
  renderPlacement,
  renderSelector,
} from "../../../components/apps/frame/placement";

/** What an app's workload is rendered from, on a machine that sleeps or does not. */
export function frame(app: string, machine: string, sleeps: boolean): AppFrameValues {
  return {
    prefix: `apps-${app}`,
    namespace: app,
    sleeps,
    labels: renderLabels(app, machine, sleeps),
    selector: renderSelector(app),
    annotations: {},
    serviceType: sleeps ? "ClusterIP" : "NodePort",
    placement: renderPlacement(machine, sleeps),
    sources: { timeout: 900 },
    secrets: () => undefined,
    address: "192.168.8.63",
  };
}
