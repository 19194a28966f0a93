import { MINUTE, type RuleGroup } from "./rule";

/** DNS inside the cluster. */
export const dnsRules: RuleGroup = {
  name: "dns",
  rules: [
    {
      alert: "CoreDNSDown",
      expr: 'absent(up{job="coredns"} == 1)',
      forSeconds: 2 * MINUTE,
      severity: "critical",
      summary: "No CoreDNS answers",
      description: "Names of services do not resolve. Look at the CoreDNS pods in kube-system.",
    },
  ],
};
