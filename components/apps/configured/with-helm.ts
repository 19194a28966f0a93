import * as fs from "node:fs";
import * as path from "node:path";
import { generatedFolder } from "../frame/generated";
import { type Ended, runProgram } from "./run-program";

export type Helm = (args: readonly string[]) => Ended;

/**
 * Does something by Helm in a folder of its own, which is removed. It is beside the charts that are kept, so that what is
 * fetched can be renamed. What a run leaves there that was killed, nobody reads.
 */
export function withHelm<Value>(work: (helm: Helm, scratch: string) => Value): Value {
  const parent = generatedFolder("charts");
  fs.mkdirSync(parent, { recursive: true });
  const scratch = fs.mkdtempSync(path.join(parent, ".fetch-"));
  try {
    const env = ownHome(scratch);
    return work((args) => runProgram("helm", args, { env }), scratch);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** The repositories that somebody has added to Helm are not touched. Where they have logged in counts. */
function ownHome(scratch: string): NodeJS.ProcessEnv {
  const temporary = path.join(scratch, "tmp");
  fs.mkdirSync(temporary, { recursive: true });
  return {
    ...process.env,
    TMPDIR: temporary,
    HELM_CACHE_HOME: path.join(scratch, "cache"),
    HELM_REPOSITORY_CACHE: path.join(scratch, "cache", "repository"),
    HELM_REPOSITORY_CONFIG: path.join(scratch, "repositories.yaml"),
  };
}
