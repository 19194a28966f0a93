import { readScript, type StepFile } from "../remote/step";
import { addressOf, HEADER, type NodeContext, type NodeStep } from "./context";
import {
  LIMIT_LOGS,
  limitLogs,
  listSenders,
  REMOTE,
  renderLogrotate,
  renderLogrotateTimer,
  renderLogServer,
} from "./log-server";

const RSYSLOG = "/etc/rsyslog.d/10-vmstation.conf";
const LOGROTATE = "/etc/logrotate.d/vmstation-remote";
const LOGROTATE_TIMER = "/etc/systemd/system/logrotate.timer.d/50-vmstation.conf";

/**
 * rsyslog elsewhere: TCP to the log server, through a queue on disk that outlasts its absence. Not more than a thousand
 * lines a second, so that what was queued fits into what the server takes between two turns of its file.
 */
export function renderLogClient(server: string, queueBytes: number): string {
  return `${HEADER}action(
  type="omfwd" target="${server}" port="514" protocol="tcp"
  action.resumeRetryCount="-1" action.resumeInterval="10"
  queue.type="LinkedList" queue.filename="vmstation_forward" queue.maxDiskSpace="${queueBytes}"
  queue.dequeueBatchSize="100" queue.dequeueSlowDown="100000" queue.saveOnShutdown="on"
)
`;
}

export function renderJournald(maxBytes: number, retentionSeconds: number): string {
  return `${HEADER}[Journal]
Storage=persistent
SystemMaxUse=${maxBytes}
MaxRetentionSec=${retentionSeconds}
`;
}

function syslogFiles(name: string, context: NodeContext): StepFile[] {
  const { logServer, remoteLogs } = context.config;
  if (name !== logServer) {
    const content = renderLogClient(addressOf(logServer, context), remoteLogs.queueSize);
    return [{ path: RSYSLOG, content, validate: "rsyslog" }];
  }
  const senders = listSenders(context);
  const limits = limitLogs(remoteLogs.maxSize, senders.length);
  return [
    {
      path: LIMIT_LOGS,
      content: readScript(__dirname, "files/limit-logs.py"),
      validate: "python",
    },
    {
      path: RSYSLOG,
      content: renderLogServer(senders, limits, context.podCidr),
      validate: "rsyslog",
    },
    { path: LOGROTATE, content: renderLogrotate(remoteLogs.keepDays, senders, limits) },
  ];
}

/** rsyslog to the log server, how often that looks at the logs' size, the journal's limits. */
export const logsStep: NodeStep = (machine, context) => {
  const { journal, logServer } = context.config;
  const syslog = syslogFiles(machine.name, context);
  const isServer = machine.name === logServer;
  return {
    name: "logs",
    script: readScript(__dirname, "files/logs.sh"),
    libraries: ["files", "units"],
    settings: {
      LOG_FOLDER: isServer ? REMOTE : "",
      LOGROTATE_TIMER: isServer ? LOGROTATE_TIMER : "",
      SYSLOG_FILES: syslog.map((file) => file.path),
    },
    files: [
      {
        path: "/etc/systemd/journald.conf.d/50-vmstation.conf",
        content: renderJournald(journal.maxSize, journal.retention),
      },
      ...syslog,
      ...(isServer ? [{ path: LOGROTATE_TIMER, content: renderLogrotateTimer() }] : []),
    ],
  };
};
