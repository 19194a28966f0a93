import { writeFileSync } from "node:fs";
import { reporters, Runner, type MochaOptions, type Runnable, type Suite } from "mocha";

/** Where the reporter writes which files hold a test or a hook that failed, as a JSON array of paths. */
export const FAILED_FILES_VARIABLE = "VMSTATION_FAILED_FILES";

/** Mocha's own spec reporter, which also leaves a list of the files in which something failed. */
export default class SuiteReporter extends reporters.Spec {
  constructor(runner: Runner, options?: MochaOptions) {
    super(runner, options);
    const failed = new Set<string>();
    runner.on(Runner.constants.EVENT_TEST_FAIL, (test) => failed.add(fileOf(test)));
    runner.on(Runner.constants.EVENT_RUN_END, () => {
      const target = process.env[FAILED_FILES_VARIABLE];
      if (target !== undefined) writeFileSync(target, JSON.stringify([...failed]));
    });
  }
}

/** A hook knows its file only by the suite that it belongs to. */
function fileOf(runnable: Runnable): string {
  let at: Runnable | Suite | undefined = runnable;
  while (at !== undefined && at.file === undefined) at = at.parent;
  return at?.file ?? "";
}
