import { HEADER, type NodeContext } from "./context";

/** Where the logs of other machines lie, each in a folder of its own. */
export const REMOTE = "/var/log/remote";
export const LIMIT_LOGS = "/usr/local/lib/vmstation/logs/limit-logs.py";

/** Who may send logs: the folder below {@link REMOTE}, and the address that tells who it is. */
export interface Sender {
  readonly name: string;
  readonly address: string;
  /** Machines send over TCP, where an address cannot be forged. */
  readonly udp: boolean;
}

/** All machines but the log server itself, then the devices that the configuration names. */
export function listSenders({ config, machines }: NodeContext): Sender[] {
  const others = machines.filter(({ name }) => name !== config.logServer);
  return [
    ...others.map(({ name, address }) => ({ name, address, udp: false })),
    ...Object.entries(config.remoteLogs.senders)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, address]) => ({ name, address, udp: true })),
  ];
}

/** Bytes that one sender's file may have between two looks of logrotate. */
const MOST = 128 * 2 ** 20;

export interface LogLimits {
  /** Of the file that rsyslog writes to; what would make it bigger is dropped. */
  readonly file: number;
  /** logrotate sets a bigger file aside. */
  readonly rotateAt: number;
  /** Of all that has been set aside. */
  readonly rotated: number;
}

/** Together never more than `whole`: each sender has its file, the newest one set aside, and that one compressed. */
export function limitLogs(whole: number, senders: number): LogLimits {
  const file = Math.min(MOST, Math.floor(whole / 6 / Math.max(1, senders)));
  return {
    file,
    rotateAt: Math.min(16 * 2 ** 20, Math.floor(file / 2)),
    rotated: whole - 3 * file * Math.max(1, senders),
  };
}

function renderSender({ name, address }: Sender, limits: LogLimits): string {
  return `  if $fromhost-ip == "${address}" then {
    action(type="omfile" file="${REMOTE}/${name}/syslog.log" rotation.sizeLimit="${limits.file}"
      dirCreateMode="0755" fileCreateMode="0640")
    stop
  }
`;
}

/** For a machine that is alone: rsyslogd refuses a configuration that does nothing. */
const NOBODY = '  action(type="omfile" file="/dev/null")\n';

/**
 * rsyslog on the log server: TCP 514, and UDP where a device needs it, into one file for each known address. What
 * stands in a message decides about no name or number of files.
 */
export function renderLogServer(
  senders: readonly Sender[],
  limits: LogLimits,
  podCidr: string,
): string {
  const udp = senders.filter((sender) => sender.udp).map(({ address }) => address);
  // From pods the server is probed every minute; each refusal would be two lines. What a pod says is dropped.
  const tcp = ["127.0.0.1", podCidr, ...senders.map(({ address }) => address)];
  const allowed = (protocol: string, from: readonly string[]): string =>
    `$AllowedSender ${protocol}, ${[...from].sort().join(", ")}\n`;
  return `${HEADER}# A name that somebody else's DNS gives to an address means nothing here. A refusal is two lines in the log.
global(net.enableDNS="off" internalmsg.ratelimit.interval="60" internalmsg.ratelimit.burst="60")

${udp.length > 0 ? 'module(load="imudp")\n' : ""}module(load="imtcp" maxSessions="500"
  keepAlive="on" keepAlive.time="60" keepAlive.interval="15" keepAlive.probes="4")
${allowed("TCP", tcp)}${udp.length > 0 ? allowed("UDP", udp) : ""}
ruleset(name="vmstation-remote" queue.type="LinkedList" queue.size="5000") {
${senders.length > 0 ? senders.map((sender) => renderSender(sender, limits)).join("") : NOBODY}}

${udp.length > 0 ? 'input(type="imudp" port="514" ruleset="vmstation-remote")\n' : ""}input(type="imtcp" port="514" ruleset="vmstation-remote")
`;
}

/**
 * Numbered, not dated: with RHEL's dates as suffixes a second turn on one day would be left out. The files of senders
 * that are no longer known, and those that earlier versions wrote by program, grow old in the same way.
 */
export function renderLogrotate(
  keepDays: number,
  senders: readonly Sender[],
  limits: LogLimits,
): string {
  const folders = senders.map(({ name }) => `${REMOTE}/${name}`);
  return `${HEADER}${REMOTE}/*/*.log {
  daily
  rotate ${keepDays}
  maxage ${keepDays}
  maxsize ${limits.rotateAt}
  nodateext
  missingok
  notifempty
  compress
  delaycompress
  sharedscripts
  postrotate
    systemctl kill -s HUP rsyslog.service
  endscript
  lastaction
    ${["python3", "-B", LIMIT_LOGS, limits.rotated, ...folders].join(" ")}
  endscript
}
`;
}

/**
 * logrotate every ten minutes, not once a day as distributions have it: a file that is full takes nothing more until
 * it is turned. What others rotate by the day is still turned once a day.
 */
export function renderLogrotateTimer(): string {
  return `${HEADER}[Timer]
OnCalendar=
OnCalendar=*:0/10
AccuracySec=1m
`;
}
