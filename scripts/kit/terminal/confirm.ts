import { UserError } from "../user-error";
import { Style } from "./style";
import { wrapMessage } from "./wrap-message";
import { ownTerminal, Prompt, type PromptStreams } from "./prompt";

export interface Question {
  readonly text: string;
  /** What the error says where stdin is no terminal. */
  readonly unattended?: string;
}

const UNATTENDED =
  "This command asks before it changes anything, and stdin is not a terminal: run it again with --yes.";

/** Asks a yes-or-no question. Anything but y or yes is a no, and so is Ctrl-C. */
export async function confirm(question: Question, streams = ownTerminal()): Promise<boolean> {
  const answer = await askOnce({ ...question, text: `${question.text} [y/N] ` }, streams);
  return /^y(es)?$/i.test(answer ?? "");
}

/** Asks for a name to be typed. Anything else is a no, and so is Ctrl-C. */
export async function confirmName(
  name: string,
  question: Question,
  streams = ownTerminal(),
): Promise<boolean> {
  return (await askOnce({ ...question, text: `${question.text}: ` }, streams)) === name;
}

/** Whether the cluster's name was given: by --yes, or at the terminal. Another name in --yes is an error. */
export async function confirmCluster(
  name: string,
  given: string | undefined,
  streams = ownTerminal(),
): Promise<boolean> {
  if (given === name) return true;
  if (given !== undefined) {
    throw new UserError(
      `--yes ${given} names another cluster. The cluster of this stack is called ${name}.`,
    );
  }
  const unattended = `This command asks for the cluster's name, and stdin is not a terminal: run it again with --yes ${name}.`;
  return confirmName(name, { text: "Type the cluster's name to continue", unattended }, streams);
}

/** Broken between words; the answer is typed behind the last line. */
function wrapQuestion(text: string, output: PromptStreams["output"]): string {
  const { columns } = output;
  if (columns === undefined || text.length < columns) return text;
  return `${wrapMessage(text.trimEnd(), new Style(false, columns - 1))} `;
}

async function askOnce(
  { text, unattended = UNATTENDED }: Question,
  streams: PromptStreams,
): Promise<string | undefined> {
  if (streams.input.isTTY !== true) throw new UserError(unattended);
  const prompt = new Prompt(streams);
  try {
    return await prompt.ask(wrapQuestion(text, streams.output));
  } finally {
    prompt.close();
  }
}
