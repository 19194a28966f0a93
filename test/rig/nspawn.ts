import { readFileSync } from "node:fs";

/** The environment of commands that a test runs in a machine; nothing of the tests' own. */
const ENVIRONMENT = [
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "HOME=/root",
  "LANG=C.UTF-8",
];

/** Those that a command is run in, as nsenter's options. */
const NAMESPACES = "--mount --uts --ipc --net --pid --cgroup --root --wd";

/** nsenter's words for a shell script in the machine whose systemd that is. */
export function enterArguments(systemd: string, script: string): string[] {
  const shell = ["env", "-i", ...ENVIRONMENT, "sh", "-euc", script];
  return ["--target", systemd, ...NAMESPACES.split(" "), "--", ...shell];
}

/** The process id of a machine's systemd, as the tests see it, below that of its nspawn. */
export function systemdBelow(nspawn: number | undefined): number | undefined {
  if (nspawn === undefined) return undefined;
  try {
    const children = readFileSync(`/proc/${nspawn}/task/${nspawn}/children`, "utf8");
    const child = children.trim().split(" ")[0] ?? "";
    const comm = readFileSync(`/proc/${child}/comm`, "utf8").trim();
    return comm === "systemd" ? Number(child) : undefined;
  } catch {
    return undefined;
  }
}
