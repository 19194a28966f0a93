import { machineNamed } from "../context";
import { syslog as syslogDashboard } from "../dashboards/syslog";
import { definePart } from "../part";
import { SYSLOG_JOB, syslogRules } from "../rules/syslog";
import { renderProbe } from "./blackbox-exporter";

const PORT = 514;

/** The server that collects the machines' system logs, as seen from a pod. */
export const syslog = definePart({
  name: "syslog",
  place: 11,
  rules: [syslogRules],
  dashboards: [syslogDashboard],
  plan: (site) => {
    const logServer = machineNamed(site.machines, site.logServer);
    const targets = logServer === undefined ? [] : [`${logServer.address}:${PORT}`];
    return {
      firewall: [
        {
          machines: [site.logServer],
          purpose: "probe of the syslog server",
          protocol: "tcp",
          ports: [PORT],
          from: ["pods", "machines"],
        },
      ],
      objects: () =>
        renderProbe({ name: SYSLOG_JOB, job: SYSLOG_JOB, module: "tcp_connect", targets }, site),
    };
  },
});
