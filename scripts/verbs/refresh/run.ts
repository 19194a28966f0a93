import { runUpdate } from "../../kit/pulumi/run-update";
import type { Input } from "./command";

/** `vmstation refresh`: the CLI's own, with a local state unless the user has set up another. */
export function run(input: Input): Promise<number> {
  return runUpdate("refresh", input);
}
