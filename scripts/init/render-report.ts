import type { Warning } from "../../stacks/warnings";
import { fingerprint } from "../trust/host-key";
import type { ShownMachine } from "./look";

/** What `vmstation init --json` prints. */
export interface InitReport {
  readonly version: 1;
  readonly stack: string;
  readonly file: string;
  /** Whether the file was written: false in a dry run. */
  readonly written: boolean;
  /** Where the earlier file is kept; null where there was none. */
  readonly backup: string | null;
  readonly machines: readonly {
    readonly name: string;
    readonly address: string;
    readonly hostKey: string;
  }[];
  /** What the configuration leaves open. */
  readonly warnings: readonly Warning[];
  /** The file's text. */
  readonly text: string;
}

/** The fingerprints, for a person to compare. */
export function renderShown(machines: readonly ShownMachine[]): string {
  const width = Math.max(...machines.map(({ asked }) => asked.name.length));
  return machines
    .map(({ asked, hostKey }) => `  ${asked.name.padEnd(width)}  ${fingerprint(hostKey)}\n`)
    .join("");
}

/** What was written, what is open and what comes next. */
export function renderDone({ stack, file, backup, warnings }: InitReport): string {
  return [
    `Written: ${file}${backup === null ? "" : ` (as it was: ${backup})`}`,
    ...(warnings.length === 0 ? [] : ["Still open:"]),
    ...warnings.map(({ path, message }) => `  ${path}: ${message}`),
    `Read it, then: npm run plan -- --stack ${stack}`,
    "",
  ].join("\n");
}
