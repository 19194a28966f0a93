import type { LayerFacts, NamespaceNeed, OpenQuestion } from "../../shared/facts";
import type { HostUse } from "../../shared/hosts";
import { MONITORING_NAMESPACE } from "../../shared/metrics";
import { apiEgress, egress, ingress, machinePeers, ownNetworks, tcp } from "../../shared/policies";
import type { PlatformSite } from "../part";
import { steadyMachines } from "../place";
import { publicNames } from "../tunnel/public-hosts";
import { certificateAlerts, certificatesDashboard } from "./alerts";
import type { CertificatesConfig } from "./config";
import { METRICS_PORT, NAMESPACE, PODS, WEBHOOK_PORT } from "./names";

const PATH = "platform.certificates";
const POD_COUNT = 3;

export function certificatesFacts(
  config: CertificatesConfig,
  site: PlatformSite,
  hosts: readonly HostUse[],
): LayerFacts {
  const { cloudflareTokenSecret } = config;
  const isAcme = config.issuer !== "private";
  return {
    memory: steadyMachines(site.machines).map((machine) => ({
      path: `${PATH}.resources.limits.memory`,
      machine,
      user: "cert-manager",
      bytes: POD_COUNT * config.resources.limits.memory,
    })),
    namespaces: [namespace(site, isAcme)],
    secrets:
      isAcme && cloudflareTokenSecret !== undefined
        ? [
            {
              path: `${PATH}.cloudflareTokenSecret`,
              name: cloudflareTokenSecret,
              leftOut: "no certificate is asked for, and browsers warn of every name",
            },
          ]
        : [],
    alerts: [certificateAlerts],
    dashboards: [certificatesDashboard],
    scrapes: [
      { name: "cert-manager", namespace: NAMESPACE, pods: PODS.controller, port: METRICS_PORT },
    ],
    openQuestions: stagingStill(config, publicNames(hosts, site)),
  };
}

/** Who has public names is past trying, and people at home learn to click warnings away. */
function stagingStill({ issuer }: CertificatesConfig, names: readonly string[]): OpenQuestion[] {
  if (issuer !== "letsencrypt-staging" || names.length === 0) return [];
  return [
    {
      path: `${PATH}.issuer`,
      message:
        `letsencrypt-staging is for trying, and browsers at home warn of its certificates. ${names.join(", ")} ` +
        `${names.length === 1 ? "is" : "are"} public already. Once \`npx vmstation validate platform\` has passed, write letsencrypt.`,
    },
  ];
}

function namespace(site: PlatformSite, isAcme: boolean): NamespaceNeed {
  // An API server on another machine comes by the address of its tunnel, which is one of the pods' network.
  const apiServers = [...machinePeers(site), { cidr: site.network.podCidr }];
  const internet = { cidr: "0.0.0.0/0", except: ownNetworks(site) };
  const dns = [
    { port: 53, protocol: "UDP" as const },
    { port: 53, protocol: "TCP" as const },
  ];
  return {
    name: NAMESPACE,
    podSecurity: "restricted",
    policies: [
      apiEgress("all", {}, site),
      ingress("webhook-from-api", PODS.webhook, apiServers, tcp(WEBHOOK_PORT)),
      ingress(
        "controller-from-monitoring",
        PODS.controller,
        [{ namespace: MONITORING_NAMESPACE }],
        tcp(METRICS_PORT),
      ),
      ...(isAcme
        ? [
            // The authority and Cloudflare; then the name servers that show whether the proof is seen.
            egress("controller-to-internet", PODS.controller, [internet], [...tcp(443), ...dns]),
          ]
        : []),
    ],
  };
}
