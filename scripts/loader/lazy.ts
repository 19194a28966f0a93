import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Loads a module when it is needed, by its path relative to the calling file. (`import()` would go
 * past the hook that compiles TypeScript.) The guard says what the caller relies on.
 */
export function loadModule<Module>(
  from: string,
  path: string,
  isModule: (module: unknown) => module is Module,
): Module {
  const module: unknown = createRequire(from)(join(dirname(from), path));
  if (!isModule(module)) throw new Error(`${path} does not export what ${from} expects`);
  return module;
}

/** True for a module that exports a function or class of this name. */
export function exportsFunction(module: unknown, name: string): boolean {
  return (
    typeof module === "object" && module !== null && typeof Reflect.get(module, name) === "function"
  );
}
