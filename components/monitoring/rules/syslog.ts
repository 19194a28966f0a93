import { MINUTE, type RuleGroup } from "./rule";

/** The job whose failure means that no system log is collected. */
export const SYSLOG_JOB = "syslog-server";

/** The server that collects the machines' system logs. */
export const syslogRules: RuleGroup = {
  name: "syslog",
  rules: [
    {
      alert: "SyslogServerDown",
      expr: `probe_success{job="${SYSLOG_JOB}"} == 0`,
      forSeconds: 5 * MINUTE,
      severity: "warning",
      summary: "The syslog server at {{ $labels.instance }} does not answer",
      description:
        "The machines queue their logs on disk until it is back. Look at rsyslog on the log server.",
    },
  ],
};
