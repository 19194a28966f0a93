import { EXIT, type ExitCode } from "../user-error";

/** Who called what: said in a document that tells of an error, as nothing else may be known by then. */
export interface Call {
  /** The words that were typed. */
  readonly words: readonly string[];
  verb: string | null;
  stack: string | null;
  cwd: string;
  /** Whether one JSON document is asked for. */
  json: boolean;
}

/** What `--json` writes where a verb could not do what it was asked for. */
export interface ErrorDocument {
  readonly version: 1;
  readonly verb: string | null;
  readonly stack: string | null;
  readonly error: { readonly message: string; readonly exitCode: ExitCode };
}

let written = false;

/** Called before a verb runs: it has written nothing yet. */
export function beginDocument(): void {
  written = false;
}

/** Writes the one document of a verb. */
export function writeJson(document: object): void {
  written = true;
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** Writes the document of a verb that ended without one of its own, because something went wrong. */
export function writeError(call: Call, message: string, exitCode: ExitCode): void {
  if (!call.json || written) return;
  const { verb, stack } = call;
  writeJson({ version: 1, verb, stack, error: { message, exitCode } } satisfies ErrorDocument);
}

/** Makes sure that a verb which was asked for a document has written one, whatever way it ended. */
export function endDocument(call: Call, code: number): void {
  if (!call.json || written) return;
  const { verb, stack } = call;
  if (code === EXIT.pass) writeJson({ version: 1, verb, stack });
  else writeError(call, "It did not end well. stderr has the reason.", toExitCode(code));
}

function toExitCode(code: number): ExitCode {
  return Object.values(EXIT).find((known) => known === code) ?? EXIT.couldNotRun;
}
