import { networkDns } from "../dashboards/network-dns";
import { definePart, type AllParts, type PartSite } from "../part";
import { probeRules } from "../rules/probes";
import {
  PROBER_PODS,
  renderProbe,
  type blackboxSchema,
  type ProbeGroup,
} from "./blackbox-exporter";

type ProbesSite = PartSite<{ blackbox: typeof blackboxSchema }>;

/** Our own services, the internet, the machines that never sleep, and the targets of the configuration. */
function renderGroups(site: ProbesSite, { served }: AllParts): readonly ProbeGroup[] {
  const { blackbox } = site.config;
  const awake = site.machines.filter((machine) => !machine.sleeps && !machine.offline);
  return [
    {
      name: "services",
      job: "blackbox-services",
      module: "http_2xx",
      targets: served.map(({ url, healthPath }) => `${url}${healthPath}`),
    },
    {
      name: "internet",
      job: "blackbox-internet",
      module: "http_2xx",
      targets: blackbox.internet,
    },
    {
      name: "machines",
      job: "blackbox-machines",
      module: "icmp",
      targets: [site.lan.gateway, ...awake.map((machine) => machine.address)],
    },
    ...blackbox.targets.map(({ name, module, target }): ProbeGroup => ({
      name: `extra-${name}`,
      job: `blackbox-${name}`,
      module,
      targets: [target],
    })),
  ];
}

/** What the blackbox exporter probes. Its keys belong to the exporter's part. */
export const probes = definePart({
  name: "probes",
  place: 7,
  rules: [probeRules],
  dashboards: [networkDns],
  plan: (site: ProbesSite) => ({
    connects: (served) =>
      served.map((to) => ({ client: "probes", pods: PROBER_PODS, to, isOpen: true })),
    objects: (all) => renderGroups(site, all).flatMap((group) => renderProbe(group, site)),
  }),
});
