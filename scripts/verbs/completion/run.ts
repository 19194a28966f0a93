import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { quoteWord } from "../../kit/advice";
import { EXIT, type ExitCode } from "../../kit/user-error";
import { writeJson } from "../../kit/verb/document";
import type { Input } from "./command";

/** `vmstation completion SHELL`: the script by which a shell asks `vmstation complete` what may come next. */
export function run({ args: [shell], options }: Input): Promise<ExitCode> {
  const program = resolve(__dirname, "../../vmstation.cjs");
  const command = [process.execPath, program, "complete"].map(quoteWord).join(" ");
  const text = readFileSync(join(__dirname, "files", `vmstation.${shell}`), "utf8");
  const script = text.replaceAll("@COMMAND@", () => command);
  if (options.json) writeJson({ version: 1, shell, script });
  else process.stdout.write(script);
  return Promise.resolve(EXIT.pass);
}
