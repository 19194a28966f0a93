import { MINUTE, type RuleGroup } from "./rule";
import { SYSLOG_JOB } from "./syslog";

/** What the blackbox exporter sees from outside a service. */
export const probeRules: RuleGroup = {
  name: "probes",
  rules: [
    {
      alert: "BlackboxProbeFailed",
      expr: `probe_success{job!="${SYSLOG_JOB}"} == 0`,
      forSeconds: 1 * MINUTE,
      severity: "warning",
      summary: "{{ $labels.instance }} does not answer its probe",
      description: "Job {{ $labels.job }}, as seen from a pod on the monitoring machine.",
    },
  ],
};
