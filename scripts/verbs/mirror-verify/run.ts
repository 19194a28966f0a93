import { resolve } from "node:path";
import { writeJson } from "../../kit/verb/document";
import { checkFolder } from "../../kit/mirror/check";
import { listStack } from "../../kit/mirror/list-stack";
import { EXIT, type ExitCode } from "../../kit/user-error";
import type { Input } from "./command";
import { renderFaults } from "./render";

/** `vmstation mirror verify FOLDER`: whether the folder has all that the stack downloads. */
export async function run({ args: [given], options }: Input): Promise<ExitCode> {
  const folder = resolve(options.cwd, given);
  const all = await listStack(options, folder);
  const needs = options.images ? all : { ...all, images: [] };
  const faults = await checkFolder(folder, needs);
  const { unlisted } = needs;
  if (options.json) writeJson({ version: 1, stack: options.stack, folder, faults, unlisted });
  else process.stdout.write(renderFaults(folder, faults, needs, options.configFile));
  return faults.length === 0 ? EXIT.pass : EXIT.fail;
}
