import { extname } from "node:path";
import { UserError } from "../user-error";

const FORMATS = [".svg", ".dot", ".mmd"];

/** Refuses a file whose format is not known, before a plan is made for nothing. */
export function checkGraphFile(file: string): void {
  if (!FORMATS.includes(extname(file))) {
    throw new UserError(`--graph ${file}: the name must end in ${FORMATS.join(", ")}.`);
  }
}
