import { renderCommand } from "../../kit/advice";
import { type Asked, renderAway } from "../../kit/ssh/ask";
import { printable } from "../../kit/terminal/printable";

/** Why the machine's journal cannot be read, and where the lines are that it sent to the log server. */
export function renderNoLogs(stack: string, name: string, logServer: string, asked: Asked): string {
  const look = ["ssh", logServer, "--", "sudo", "ls", `/var/log/remote/${name}`];
  const lines = [
    `${name}: ${printable(renderAway(asked) ?? "")}`,
    ...(asked.status === "asleep" ? [`To wake it: ${renderCommand({ stack }, "wake", name)}`] : []),
    ...(logServer === name
      ? []
      : [`The lines that it sent are on ${logServer}: ${renderCommand({ stack }, ...look)}`]),
  ];
  return lines.join("\n");
}

/** Why journalctl failed, in its own words where it has any. */
export function renderFailed(name: string, code: number, stderr: string): string {
  return `${name}: ${printable(stderr.trim()) || `journalctl ended with ${code}`}`;
}
