import { stackSchema } from "../../../stacks/schema";
import { Style } from "../../kit/terminal/style";
import { EXIT, type ExitCode } from "../../kit/user-error";
import type { Input } from "./command";
import { writeJson } from "../../kit/verb/document";
import { listKeys, renderExplanation } from "./explain";
import { renderStackSchema } from "./json-schema";
import { renderReference } from "./render";

/** `vmstation config [key]`: the keys of the configuration, as Markdown, as text or as JSON Schema. */
export function run({ args: [key], options }: Input): Promise<ExitCode> {
  if (options.json) writeJson({ version: 1, keys: listKeys(stackSchema, key) });
  else process.stdout.write(render(key, options.schema));
  return Promise.resolve(EXIT.pass);
}

function render(key: string | undefined, asSchema: boolean): string {
  if (asSchema) return `${JSON.stringify(renderStackSchema(stackSchema), null, 2)}\n`;
  if (key === undefined) return renderReference(stackSchema);
  return renderExplanation(stackSchema, key, Style.of(process.stdout, process.env));
}
