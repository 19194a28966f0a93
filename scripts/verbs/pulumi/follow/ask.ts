import { createInterface } from "node:readline/promises";

const QUESTIONS: Readonly<Record<string, string>> = {
  up: "Make these changes to",
  destroy: "Remove all of this from",
  refresh: "Take this into the state of",
};

/** Whether the person at the terminal wants the update that was previewed. */
export async function askToGoOn(command: string, stack: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${QUESTIONS[command] ?? command} ${stack}? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** Whether somebody is there to read a preview and to answer. */
export function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}
