import { charts } from "../../versions";
import { definePart } from "../part";

const NAME = "prometheus-operator-crds";

/**
 * The CustomResourceDefinitions of the Prometheus operator. They are a release of their own, so that other objects
 * can wait for them and they follow the operator's version: Helm never upgrades a chart's crds/ folder.
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
        // Neither kind is used here.
        crds: { prometheusagents: { enabled: false }, thanosrulers: { enabled: false } },
      },
    }),
  }),
});
