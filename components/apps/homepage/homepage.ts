import { MONITORING_NAMESPACE } from "../../shared/metrics";
import type { PolicyNeed } from "../../shared/facts";
import type { App, AppPlan, AppPort, AppSite } from "../frame/app";
import { renderSelector } from "../frame/placement";
import { renderPodPolicy, renderPortPolicy } from "../frame/policies";
import { routeOf } from "../frame/route";
import { type HomepageConfig, homepageSchema } from "./config";
import { deployHomepage, HOMEPAGE_PORT } from "./workload";

const NAME = "homepage";
const PROMETHEUS_PORT = 9090;

export const homepage: App<typeof homepageSchema> = { schema: homepageSchema, plan: planHomepage };

function planHomepage(config: HomepageConfig, site: AppSite): AppPlan {
  const ports = listPorts(config, site);
  const isPublic = config.access === "public";
  return {
    name: NAME,
    title: "Homepage",
    machine: config.machine,
    podSecurity: "restricted",
    resources: config.resources,
    ports,
    volumes: [],
    // A public one lets nothing out: what answers the world knows nothing of the home.
    policies: isPublic
      ? [renderPodPolicy(NAME, HOMEPAGE_PORT, site)]
      : [renderPortPolicy(NAME, [HOMEPAGE_PORT], site), toPrometheus()],
    asksPrometheus: !isPublic,
    secrets: [],
    idle: { port: HOMEPAGE_PORT },
    route: routeOf(NAME, config, "http"),
    workload: { kind: "Deployment", name: NAME },
    service: NAME,
    backups: [],
    deploy: (frame) => {
      deployHomepage(config, ports, site.machines, frame);
    },
  };
}

/** Where it has a name it needs no port, unless the control plane holds one for a machine that sleeps. */
function listPorts({ machine, host, nodePort }: HomepageConfig, { machines }: AppSite): AppPort[] {
  const sleeps = machines.some((each) => each.name === machine && each.sleeps);
  return [
    {
      ...{ name: "http", port: HOMEPAGE_PORT, path: `apps.${NAME}.nodePort`, speaks: "http" },
      nodePort: host === undefined || sleeps ? nodePort : undefined,
    },
  ];
}

function toPrometheus(): PolicyNeed {
  return {
    name: `${NAME}-to-prometheus`,
    pods: renderSelector(NAME),
    direction: "egress",
    peers: [{ namespace: MONITORING_NAMESPACE }],
    ports: [{ port: PROMETHEUS_PORT, protocol: "TCP" }],
  };
}
