import { fixedMemory } from "../limits";
import { podsNamed } from "../names";
import { definePart } from "../part";
import { apiEgress } from "../../shared/policies";
import { renderPlacement, renderResources, smallResources } from "../../shared/placement";
import { STACK } from "./kube-prometheus-stack";

const NAME = "kube-state-metrics";
const PODS = podsNamed(NAME);

// Its documentation recommends 250 MiB for 100 nodes.
const RESOURCES = smallResources(48, 128);

/** The kinds of objects that it counts and may list. With the chart's default it could read every Secret. */
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
          // `node` in its metrics is the machine that they are about, not the machine that it runs on.
          prometheus: {
            monitor: { http: { relabelings: [{ regex: "node", action: "labeldrop" }] } },
          },
        },
      },
    }),
  }),
});
