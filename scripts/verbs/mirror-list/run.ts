import { writeJson } from "../../kit/verb/document";
import { listStack } from "../../kit/mirror/list-stack";
import { EXIT, type ExitCode } from "../../kit/user-error";
import type { Input } from "./command";
import { renderNeeds } from "./render";

/** `vmstation mirror list`: each file, chart and image that the stack downloads. */
export async function run({ options }: Input): Promise<ExitCode> {
  const needs = await listStack(options, options.folder);
  if (options.json) writeJson(needs);
  else process.stdout.write(renderNeeds(needs));
  return EXIT.pass;
}
