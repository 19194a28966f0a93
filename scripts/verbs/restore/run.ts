import { BackupController } from "../../kit/controller/backup-controller";
import type { Input } from "./command";
import { Progress } from "../../kit/terminal/progress";
import { writeJson } from "../../kit/verb/document";
import { confirmCluster } from "../../kit/terminal/confirm";
import { linesOf } from "../../kit/ssh/log-stream";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode } from "../../kit/user-error";

/**
 * `vmstation restore WHAT`: puts a backup in the place of what is there, once the cluster's name was given; with
 * --target into a folder on the controller, where it replaces nothing.
 */
export async function run({ args: [what], options }: Input): Promise<ExitCode> {
  const { snapshot, target } = options;
  const operator = Operator.open(options);
  const progress = new Progress(process.stderr);
  try {
    const said: string[] = [];
    const controller = new BackupController(operator, (text) => {
      progress.say(text);
      said.push(...linesOf(text));
    });
    const request = { verb: "restore", what, snapshot, target } as const;
    const machine = operator.controller.name;
    progress.set(machine, `looks for the backup of ${what}`, options.dryRun ? "" : "the restore");
    // The dry run says what would be restored where, or why it cannot be.
    const { code: planned } = await controller.ask({ ...request, "dry-run": true });
    progress.clear();
    const { stack } = operator;
    const found = { version: 1, stack, what, target: target ?? null };
    if (options.dryRun && options.json && planned === EXIT.pass)
      writeJson({ ...found, dryRun: true, changed: false, said });
    if (planned !== EXIT.pass || options.dryRun) return planned;
    const { name } = operator.site.config.cluster;
    const isAgreed = target !== undefined || (await confirmCluster(name, options.yes));
    if (isAgreed) progress.set(machine, `restores ${what}`);
    const code = isAgreed ? (await controller.ask(request)).code : EXIT.fail;
    progress.clear();
    if (options.json) {
      const changed = isAgreed && code === EXIT.pass;
      writeJson({ ...found, dryRun: false, changed, said });
    }
    return code;
  } finally {
    progress.clear();
    operator.close();
  }
}
