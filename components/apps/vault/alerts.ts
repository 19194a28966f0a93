import { type AlertGroup, MINUTE } from "../../shared/alerts";
import { NAME } from "./names";

const DAY = 24 * 60 * MINUTE;

const pod = `namespace="${NAME}",pod="${NAME}-0"`;
const ready = `kube_pod_status_ready{${pod},condition="true"}`;
const running = `kube_pod_container_status_running{${pod},container="${NAME}"}`;

/** Its pod is Ready only while it is unsealed. */
export const ALERTS: AlertGroup = {
  name: "vault",
  rules: [
    {
      alert: "VaultSealed",
      expr: `${ready} == 0 and on (namespace, pod) ${running} == 1`,
      forSeconds: 5 * MINUTE,
      severity: "warning",
      summary: "The store of secrets is sealed",
      description:
        "It runs, but gives out nothing. After each start it has to be unsealed. By which command: vmstation validate apps",
    },
    {
      alert: "VaultSnapshotOld",
      expr: `time() - kube_cronjob_status_last_successful_time{namespace="${NAME}"} > ${2 * DAY}`,
      forSeconds: 10 * MINUTE,
      severity: "warning",
      summary: "The store of secrets has not been saved for two days",
      description: `Is it sealed? Else look at the jobs: kubectl -n ${NAME} get jobs. The token may have ended.`,
    },
  ],
};
