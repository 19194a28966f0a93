import { createInterface } from "node:readline/promises";
import { UserError } from "../user-error";

/** Whether the person at the terminal agrees; where nobody is there, --yes has to. */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UserError("Nobody is here to say yes: run this with --yes.");
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
