import { powerEnergy } from "../dashboards/power-energy";
import { definePart } from "../part";
import { powerRules } from "../rules/power";

/** Machines that sleep. The power controller writes the metrics, node_exporter passes them on. */
export const power = definePart({
  name: "power",
  place: 15,
  rules: [powerRules],
  dashboards: [powerEnergy],
});
