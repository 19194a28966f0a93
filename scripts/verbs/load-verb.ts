import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { exportsFunction, loadModule } from "../loader/lazy";

/** A verb's command.ts. */
interface CommandModule {
  createCommand(): CommandUnknownOpts;
}

/** A verb's run.ts. It takes the `Input` of its own command.ts, which a lint rule holds. */
interface RunModule {
  /** Resolves to the exit code; throws UserError for what the user can fix. */
  run(input: object): Promise<number>;
}

/** The command that `<folder>/command.ts` declares. */
export function loadCommand(folder: string): CommandUnknownOpts {
  return loadModule(__filename, `${folder}/command.ts`, isCommandModule).createCommand();
}

/** `<folder>/run.ts`. */
export function loadRun(folder: string): RunModule {
  return loadModule(__filename, `${folder}/run.ts`, isRunModule);
}

function isCommandModule(module: unknown): module is CommandModule {
  return exportsFunction(module, "createCommand");
}

function isRunModule(module: unknown): module is RunModule {
  return exportsFunction(module, "run");
}
