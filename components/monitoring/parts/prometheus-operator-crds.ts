import { charts } from "../../versions";
import { definePart } from "../part";

const NAME = "prometheus-operator-crds";

/**
 * The CustomResourceDefinitions of the Prometheus operator. A release of their own, so that whatever uses them
 * can wait for them, and so that they follow the operator's version: Helm never upgrades a chart's crds folder.
 */
export const prometheusOperatorCrds = definePart({
  name: NAME,
  place: 1,
  plan: () => ({
    release: () => ({
      release: NAME,
      pin: charts.prometheusOperatorCrds,
      daemonSet: false,
      isFirst: true,
      values: {
        // Neither is deployed here.
        crds: { prometheusagents: { enabled: false }, thanosrulers: { enabled: false } },
      },
    }),
  }),
});
