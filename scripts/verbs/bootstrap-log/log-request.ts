import * as path from "node:path";
import type { RunNames } from "../../../components/bootstrap/method";
import { readScript } from "../../../components/remote/step";

export interface LogRequest {
  /** Name of the run on the machine. */
  readonly run: string;
  readonly lines: number;
  readonly follow: boolean;
}

/** The run that a machine has for the bootstrap: what it installs first, or the cluster itself. */
export function runName(runs: RunNames, isFirst: boolean, installs: boolean): string {
  if (installs) return runs.install;
  return isFirst ? runs.controller : runs.others;
}

export function renderLogScript({ run, lines, follow }: LogRequest): string {
  const text = readScript(path.join(__dirname, "../../../components/bootstrap"), "files/log.sh");
  return `${text}\nlog_run ${run} ${lines} ${follow ? "follow" : ""} </dev/null\n`;
}
