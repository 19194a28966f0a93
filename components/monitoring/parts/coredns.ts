import { coreDns as coreDnsDashboard } from "../dashboards/coredns";
import { definePart } from "../part";
import { dnsRules } from "../rules/dns";
import { renderProbe } from "./blackbox-exporter";

/** The cluster's DNS. Its metrics are read by a job of kube-prometheus-stack's chart. */
export const coreDns = definePart({
  name: "coredns",
  place: 12,
  rules: [dnsRules],
  dashboards: [coreDnsDashboard],
  plan: (site) => ({
    objects: () =>
      renderProbe(
        { name: "dns", job: "blackbox-dns", module: "dns_cluster", targets: [site.clusterDns] },
        site,
      ),
  }),
});
