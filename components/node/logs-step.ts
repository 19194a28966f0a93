import { readScript, type StepFile } from "../remote/step";
import { addressOf, HEADER, type NodeContext, type NodeStep } from "./context";

const REMOTE = "/var/log/remote";
const RSYSLOG = "/etc/rsyslog.d/10-vmstation.conf";
const LOGROTATE = "/etc/logrotate.d/vmstation-remote";
const LOGROTATE_TIMER = "/etc/systemd/system/logrotate.timer.d/50-vmstation.conf";

/** rsyslog on the log server: UDP and TCP 514 into one file for each host and program. */
export function renderLogServer(): string {
  return `${HEADER}module(load="imudp")
module(load="imtcp")

# A name that holds a slash or dots stays inside the folder.
template(name="VMStationRemote" type="list") {
  constant(value="${REMOTE}/")
  property(name="hostname" securepath="replace")
  constant(value="/")
  property(name="programname" securepath="replace")
  constant(value=".log")
}

ruleset(name="vmstation-remote") {
  action(type="omfile" dynaFile="VMStationRemote" dirCreateMode="0755" fileCreateMode="0640")
}

input(type="imudp" port="514" ruleset="vmstation-remote")
input(type="imtcp" port="514" ruleset="vmstation-remote")
`;
}

/** rsyslog elsewhere: TCP to the log server, through a queue on disk that outlasts its absence. */
export function renderLogClient(server: string, queueBytes: number): string {
  return `${HEADER}action(
  type="omfwd" target="${server}" port="514" protocol="tcp"
  action.resumeRetryCount="-1" action.resumeInterval="10"
  queue.type="LinkedList" queue.filename="vmstation_forward" queue.maxDiskSpace="${queueBytes}"
  queue.saveOnShutdown="on"
)
`;
}

// Looked at whenever logrotate runs; see renderLogrotateTimer.
const MAX_LOG = "100M";

/** Numbered, not dated: with RHEL's dates as suffixes a second turn on one day would be left out. */
export function renderLogrotate(keepDays: number): string {
  return `${HEADER}${REMOTE}/*/*.log {
  daily
  rotate ${keepDays}
  maxage ${keepDays}
  maxsize ${MAX_LOG}
  nodateext
  missingok
  notifempty
  compress
  delaycompress
  sharedscripts
  postrotate
    systemctl kill -s HUP rsyslog.service
  endscript
}
`;
}

/**
 * logrotate every hour, not once a day as distributions have it: a machine in trouble fills a disk within a day. What
 * others rotate by the day is still turned once a day.
 */
export function renderLogrotateTimer(): string {
  return `${HEADER}[Timer]
OnCalendar=
OnCalendar=hourly
AccuracySec=5m
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
  return [
    { path: RSYSLOG, content: renderLogServer(), validate: "rsyslog" },
    { path: LOGROTATE, content: renderLogrotate(remoteLogs.keepDays) },
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
