import { readScript } from "../remote/step";
import { systemOf } from "../shared/systems";
import { HEADER, type NodeContext, type NodeStep } from "./context";
import type { Machine } from "./machine";

/** The keywords of the drop-in and their values, in order. */
export function listSshdOptions(machine: Machine, context: NodeContext): [string, string][] {
  const { maxAuthTries, loginGraceTime } = context.config.sshd;
  const options: [string, string][] = [
    ["PermitRootLogin", "no"],
    ["PasswordAuthentication", "no"],
    ["KbdInteractiveAuthentication", "no"],
    ["MaxAuthTries", String(maxAuthTries)],
    ["LoginGraceTime", String(loginGraceTime)],
    // The program opens one connection for each resource; the default of 10:30:100 would drop some at random.
    ["MaxStartups", "60:30:100"],
    // One address that only connects leaves room for all others to log in.
    ["PerSourceMaxStartups", "30"],
    ["MaxSessions", "20"],
    ["ClientAliveInterval", "300"],
    ["ClientAliveCountMax", "2"],
    ["X11Forwarding", "no"],
    ["AllowAgentForwarding", "no"],
    ["LogLevel", "VERBOSE"],
    ["KexAlgorithms", KEX.join(",")],
    ["Ciphers", CIPHERS.join(",")],
    ["MACs", MACS.join(",")],
  ];
  if (systemOf(machine).hasSshPenalties)
    options.push(["PerSourcePenaltyExemptList", context.lan.cidr]);
  return options;
}

const KEX = [
  "curve25519-sha256",
  "curve25519-sha256@libssh.org",
  "diffie-hellman-group-exchange-sha256",
];
const CIPHERS = [
  "chacha20-poly1305@openssh.com",
  "aes256-gcm@openssh.com",
  "aes128-gcm@openssh.com",
  "aes256-ctr",
  "aes192-ctr",
  "aes128-ctr",
];
const MACS = ["hmac-sha2-512-etm@openssh.com", "hmac-sha2-256-etm@openssh.com"];

/** sshd's drop-in, read before every other file. */
export const sshdStep: NodeStep = (machine, context) => {
  const options = listSshdOptions(machine, context);
  return {
    name: "sshd",
    script: readScript(__dirname, "files/sshd.sh"),
    libraries: ["files", "units", "guard"],
    // As `sshd -T` prints them: keywords in lower case.
    settings: { EFFECTIVE: options.map(([key, value]) => `${key.toLowerCase()} ${value}`) },
    files: [
      {
        path: "/etc/ssh/sshd_config.d/00-vmstation.conf",
        content: HEADER + options.map(([key, value]) => `${key} ${value}\n`).join(""),
        mode: "0600",
        validate: "sshd",
      },
    ],
  };
};
