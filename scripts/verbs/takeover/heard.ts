import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SiteMachine } from "../../../stacks/site";
import type { Operator } from "../../kit/ssh/operator";
import { printable } from "../../kit/terminal/printable";
import type { Heard } from "./refusals";

const GREETS = readFileSync(join(__dirname, "files/greets.sh"), "utf8");

/** Asks both machines. The new controller looks too: from here the way to the old one alone may be broken. */
export async function hear(
  operator: Pick<Operator, "run">,
  from: SiteMachine,
  to: SiteMachine,
): Promise<Heard> {
  const look = { command: `bash -s -- ${from.address} ${from.sshPort}`, input: GREETS };
  const [old, seen] = await Promise.all([
    operator.run(from, { command: "true", input: "" }),
    operator.run(to, look),
  ]);
  // 0 and 1 are the script's own.
  const isSilent = seen.code !== 0 && seen.code !== 1;
  const cause = printable(seen.stderr.trim()).split("\n").at(-1) ?? "";
  return {
    toSilent: isSilent ? cause || "no connection" : undefined,
    fromAnswers: old.code === 0,
    fromGreets: seen.code === 0,
  };
}
