import { renderCommand } from "../../kit/advice";
import type { Effects } from "./effects";

/** What `vmstation takeover --json` prints. */
export interface Takeover extends Effects {
  readonly version: 1;
  readonly stack: string;
  /** The machine that is the controller, and the one that becomes it. */
  readonly from: string;
  readonly to: string;
  readonly file: string;
  /** The keys that are written into the file. */
  readonly keys: Readonly<Record<string, string | boolean>>;
  /** What leaves the state. */
  readonly dropped: readonly { readonly urn: string; readonly name: string }[];
  /** Whether it was done: false in a dry run and after a no. */
  readonly changed: boolean;
  /** Where the state as it was is kept; null where it was not changed. */
  readonly backup: string | null;
}

function renderList(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [title, ...items.map((item) => `  ${item}`)];
}

export function renderText(takeover: Takeover): string {
  const { from, to, moves, lost, waits, dropped, changed, keys, file } = takeover;
  const written = Object.entries(keys).map(([key, value]) => `${key}: ${String(value)}`);
  const lines = [
    `${to} ${changed ? "is now" : "becomes"} the controller in place of ${from}.`,
    ...renderList(`These move to ${to} with the next up:`, moves),
    ...renderList(`These stay on ${from}, and cannot be read while it is dead:`, lost),
    ...renderList(`These are placed on ${from}, and wait for it:`, waits),
    ...renderList(
      changed
        ? `Removed from the state, as it is on ${from} alone:`
        : `Goes from the state, as it is on ${from} alone:`,
      dropped.map(({ name }) => name),
    ),
    ...renderList(`${changed ? "Written into" : "Will be in"} ${file}:`, written),
    ...(changed ? renderNext(takeover) : []),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function renderNext({ stack, from, backup }: Takeover): string[] {
  return [
    ...(backup === null ? [] : [`Copy of the old state: ${backup}`]),
    `Nothing was run on any machine. Next: ${renderCommand({ stack }, "up")}`,
    `Until then ${from} must stay off. After it, what controlled the machines from there is let in nowhere: its token and ` +
      `its key have ended. To take ${from} back as a control plane, switch it on, remove vmstation:machines.${from}.offline ` +
      "from the file, and run up again.",
  ];
}

export function renderQuestion({ from, to }: Takeover): string {
  return `Is ${from} switched off, and shall ${to} take over?`;
}
