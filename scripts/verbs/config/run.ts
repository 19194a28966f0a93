import { stackSchema } from "../../../stacks/schema";
import { renderReference } from "./render";
import { EXIT, type ExitCode } from "../../kit/user-error";

/** `vmstation config`: every key of the configuration, as Markdown. */
export function run(): Promise<ExitCode> {
  process.stdout.write(renderReference(stackSchema));
  return Promise.resolve(EXIT.pass);
}
