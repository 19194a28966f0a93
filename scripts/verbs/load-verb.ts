import { exportsFunction, loadModule } from "../kit/lazy";

/** A verb's own file: it is loaded only when the verb is called, so that `--help` is quick. */
export interface Verb {
  /**
   * Gets the options as commander parsed them and resolves to the exit code; throws UserError for
   * what the user can put right.
   */
  run(options: unknown): Promise<number>;
}

/** Loads `<name>/run.ts`. */
export function loadVerb(name: string): Verb {
  return loadModule(__filename, `${name}/run`, isVerb);
}

function isVerb(module: unknown): module is Verb {
  return exportsFunction(module, "run");
}
