import * as fs from "node:fs";
import { readScript, type StepFile } from "./step";

/** The Python modules of a folder, as they come to `target` on a machine. */
export function readModules(folder: string, target: string): StepFile[] {
  return fs
    .readdirSync(folder)
    .filter((file) => file.endsWith(".py"))
    .sort()
    .map((file) => ({
      path: `${target}/${file}`,
      content: readScript(folder, file),
      validate: "python",
    }));
}
