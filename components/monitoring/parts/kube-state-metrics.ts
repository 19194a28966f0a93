import { fixedMemory, smallResources } from "../limits";
import { podsNamed } from "../names";
import { definePart } from "../part";
import { apiEgress } from "../policies";
import { renderPlacement, renderResources } from "../render-placement";
import { STACK } from "./kube-prometheus-stack";

const NAME = "kube-state-metrics";
const PODS = podsNamed(NAME);

// Its own recommendation is 250 MiB for 100 nodes.
const RESOURCES = smallResources(48, 128);

/** The kinds of objects that it counts, and may list. The chart's list would let it read every Secret. */
const KINDS = [
  "cronjobs",
  "daemonsets",
  "deployments",
  "jobs",
  "namespaces",
  "nodes",
  "persistentvolumeclaims",
  "persistentvolumes",
  "pods",
  "resourcequotas",
  "services",
  "statefulsets",
];

/** The state of the cluster's objects as metrics. */
export const kubeStateMetrics = definePart({
  name: NAME,
  place: 4,
  plan: (site) => ({
    policies: () => [apiEgress(NAME, PODS, site)],
    memory: [fixedMemory(NAME, RESOURCES, site.config.machine)],
    addsTo: () => ({
      release: STACK,
      values: {
        [NAME]: {
          collectors: KINDS,
          resources: renderResources(RESOURCES),
          ...renderPlacement(site.config.machine),
          // Its metrics name the machine that they are about; its own is of no interest.
          prometheus: {
            monitor: { http: { relabelings: [{ regex: "node", action: "labeldrop" }] } },
          },
        },
      },
    }),
  }),
});
