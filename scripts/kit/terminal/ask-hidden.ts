import { once } from "node:events";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { ownTerminal, type PromptStreams } from "./prompt";

/** Asks for a secret at a terminal, which does not show what is typed; undefined after Ctrl-C or Ctrl-D. */
export async function askHidden(
  question: string,
  { input, output }: PromptStreams = ownTerminal(),
): Promise<string | undefined> {
  output.write(question);
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const lines = createInterface({ input, output: nowhere, terminal: input.isTTY === true });
  const first = await Promise.race([once(lines, "line"), once(lines, "close")]);
  lines.close();
  output.write("\n");
  const answer: unknown = first[0];
  return typeof answer === "string" && answer.trim() !== "" ? answer.trim() : undefined;
}
