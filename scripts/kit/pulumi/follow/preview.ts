import { join } from "node:path";
import { writeJson } from "../../verb/document";
import { runCli, type RunCliArgs } from "../run-cli";
import { renderPreview } from "./document";
import { readEvents } from "./event-log";
import { logging } from "./follow";
import { RunModel } from "./run-model";

export interface PreviewArgs extends Omit<RunCliArgs, "args"> {
  /** The CLI's command line. */
  readonly words: readonly string[];
  readonly stack: string;
  /** A private folder, for the engine's event log. */
  readonly temporary: string;
}

/** Shows a preview on stderr and writes its changes as one document. Returns the CLI's exit code. */
export async function previewAsJson({
  words,
  stack,
  temporary,
  ...call
}: PreviewArgs): Promise<number> {
  const path = join(temporary, "events-preview.json");
  const start = performance.now();
  const args = [...words, "--suppress-outputs", "--non-interactive", "--event-log", path];
  const code = await runCli({ ...call, args, env: logging(call.env) });
  const seconds = (performance.now() - start) / 1000;
  const events = readEvents(path);
  const model = new RunModel();
  for (const event of events) model.apply(event, 0);
  const [command = ""] = words;
  writeJson(renderPreview(events, model, { command, stack, code, seconds }));
  return code;
}
