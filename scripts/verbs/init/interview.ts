import { Prompt, type PromptStreams } from "../../kit/terminal/prompt";
import { EXIT, UserError } from "../../kit/user-error";
import type { AskedMachine } from "./asked";
import type { Draft } from "./draft";
import {
  type Answers,
  machinesOf,
  nextQuestion,
  type Question,
  type QuestionsArgs,
} from "./questions";

export interface InterviewArgs extends QuestionsArgs, PromptStreams {
  /** Where answers are kept until the file is written. */
  readonly draft: Draft;
}

const BACK = "<";

const HELP =
  "An empty answer takes what is in brackets. < goes back to the question before. Ctrl-C leaves; the answers are kept.\n";

/** Asks a person for the machines. A person who leaves continues with the next `init`. */
export async function askForMachines(args: InterviewArgs): Promise<AskedMachine[]> {
  const prompt = new Prompt(args);
  try {
    args.output.write(HELP);
    let answers = await beginWith(prompt, args);
    for (;;) {
      const question = await nextQuestion(answers, args);
      if (question === undefined) {
        const last = await prompt.ask("Enter: look at these machines. <: go back. ");
        if (last === undefined) throw left(args.draft);
        if (last !== BACK) return await machinesOf(answers, args);
        answers = answers.slice(0, -1);
        continue;
      }
      answers = await askOne(prompt, question, answers, args);
      args.draft.write(answers);
    }
  } finally {
    prompt.close();
  }
}

/** The answers of an earlier `init`, where the person wants them. */
async function beginWith(prompt: Prompt, { draft }: InterviewArgs): Promise<Answers> {
  const kept = draft.read();
  if (kept.length === 0) return [];
  const names = kept.flatMap(([key, value]) => (key.endsWith(".name") ? [value] : []));
  const what = names.length === 0 ? "" : ` (${names.join(", ")})`;
  const answer = await prompt.ask(`Continue with the answers of last time${what}? y/n [y]: `);
  if (answer === undefined) throw left(draft);
  return /^n/i.test(answer) ? [] : kept;
}

async function askOne(
  prompt: Prompt,
  question: Question,
  answers: Answers,
  { draft, output }: InterviewArgs,
): Promise<Answers> {
  const { key, text, suggestion } = question;
  for (;;) {
    const hint = suggestion === undefined ? "" : ` [${suggestion}]`;
    const typed = await prompt.ask(`${text}${hint}: `);
    if (typed === undefined) throw left(draft);
    if (typed === BACK) return answers.slice(0, -1);
    const answer = typed === "" ? (suggestion ?? "") : typed;
    const why = await question.refuse(answer);
    if (why === undefined) return [...answers, [key, answer]];
    output.write(`  ${why}\n`);
  }
}

function left(draft: Draft): UserError {
  return new UserError(
    `No file was written. Your answers are kept in ${draft.path}: run the same command again to continue.`,
    EXIT.fail,
  );
}
