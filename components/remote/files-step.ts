import { readScript, type Step, type StepFile } from "./step";

/** A step that brings files and does nothing else. */
export function filesStep(name: string, files: readonly StepFile[]): Step {
  return {
    name,
    script: readScript(__dirname, "files/only-files.sh"),
    libraries: ["files"],
    files,
  };
}
