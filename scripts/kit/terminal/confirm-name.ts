import { createInterface } from "node:readline/promises";
import { UserError } from "../user-error";

/**
 * Whether the cluster's name was given: by --yes, or at the terminal. Another name is refused, as it may be another
 * cluster that is meant.
 */
export async function confirmName(
  name: string,
  given: string | undefined,
  isAttended: boolean = process.stdin.isTTY,
): Promise<boolean> {
  if (given !== undefined) {
    if (given === name) return true;
    throw new UserError(`--yes ${given}: the cluster of this stack is called ${name}.`);
  }
  if (!isAttended)
    throw new UserError(`Nobody is here to confirm it: run this with --yes ${name}.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question("Type the cluster's name to go on: ")).trim() === name;
  } finally {
    terminal.close();
  }
}
