import { join } from "node:path";
import { confirm } from "../../terminal/confirm";
import { runCli } from "../run-cli";
import { listSteps, type PlannedChange } from "./document";
import { readEvents } from "./event-log";
import { follow, type FollowArgs, logging } from "./follow";
import type { UpdateSteps } from "./steps";

export interface UpdateArgs extends Omit<FollowArgs, "args" | "planned"> {
  /** Words that each call of the CLI gets: the stack and its configuration. */
  readonly more: readonly string[];
}

const QUESTIONS: Readonly<Record<string, string>> = {
  up: "Make these changes to",
  destroy: "Remove all of this from",
  refresh: "Write this into the state of",
};

/** Preview, question, update: as the CLI does it, except that the update's progress is ours. */
export async function update(steps: UpdateSteps, args: UpdateArgs): Promise<number> {
  let planned: PlannedChange[] | undefined;
  if (steps.preview !== undefined) {
    const path = join(args.temporary, "events-preview.json");
    const words = [...steps.preview, ...args.more, "--suppress-outputs", "--event-log", path];
    const code = await runCli({ ...args, args: words, env: logging(args.env) });
    if (code !== 0) return code;
    planned = listSteps(readEvents(path));
  }
  // The question is about what has been shown.
  const nothing = args.command === "up" && planned?.length === 0;
  if (!steps.yes && !nothing) {
    const question = `${QUESTIONS[args.command] ?? args.command} ${args.stack}?`;
    if (!(await confirm({ text: question }))) return 0;
  }
  return follow({ ...args, args: [...steps.update, ...args.more], planned });
}
