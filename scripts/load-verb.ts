import { createRequire } from "node:module";

/** A verb's own file: it is loaded only when the verb is called, so that `--help` is quick. */
export interface Verb {
  /** Gets the options as commander parsed them and resolves to the exit code; throws UserError for
   * what the user can put right. */
  run(options: unknown): Promise<number>;
}

const requireHere = createRequire(__filename);

/** Loads `scripts/<name>.ts`. (`import()` would go past the hook that compiles TypeScript.) */
export function loadVerb(name: string): Verb {
  const module: unknown = requireHere(`./${name}`);
  if (!isVerb(module)) throw new Error(`scripts/${name}.ts exports no run function`);
  return module;
}

function isVerb(module: unknown): module is Verb {
  return (
    typeof module === "object" &&
    module !== null &&
    "run" in module &&
    typeof module.run === "function"
  );
}
