import { BackupController } from "../../kit/controller/backup-controller";
import { renderSnapshots, renderStatus, select } from "./render";
import type { Input } from "./command";
import { Progress } from "../../kit/terminal/progress";
import { writeJson } from "../../kit/verb/document";
import { linesOf } from "../../kit/ssh/log-stream";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode } from "../../kit/user-error";

/** `vmstation backup [what]`: starts the unit that the timers start, and follows it to its end. */
export async function run({ args: [what], options }: Input): Promise<ExitCode> {
  const operator = Operator.open(options);
  const progress = new Progress(process.stderr);
  try {
    const said: string[] = [];
    const controller = new BackupController(operator, (text) => {
      progress.say(text);
      said.push(...linesOf(text));
    });
    if (options.list) return await list(controller, operator.stack, what, options);
    if (options.dryRun) {
      const { code } = await controller.ask({ verb: "run", what, "dry-run": true });
      if (options.json && code === EXIT.pass)
        writeJson({ version: 1, stack: operator.stack, what, dryRun: true, said });
      return code;
    }
    const { name } = operator.controller;
    progress.set(name, `backs up ${what}`, "what each backup came to");
    const { code } = await controller.ask({ verb: "start", what });
    progress.clear();
    if (code === EXIT.couldNotRun) return code;
    const items = select(await controller.status(), what);
    if (options.json) writeJson({ version: 1, stack: operator.stack, items });
    else process.stdout.write(renderStatus(items));
    return code;
  } finally {
    progress.clear();
    operator.close();
  }
}

async function list(
  controller: BackupController,
  stack: string,
  what: string,
  options: Input["options"],
): Promise<ExitCode> {
  const snapshots = await controller.list(what);
  if (options.json) writeJson({ version: 1, stack, snapshots });
  else process.stdout.write(renderSnapshots(snapshots));
  return EXIT.pass;
}
