import { join } from "node:path";
import { fix } from "./fix";
import { listTargets } from "./list-targets";
import { look } from "./look";
import { Progress } from "../../kit/terminal/progress";
import { renderChecking, renderConnecting, renderText } from "./render";
import { renderReport } from "../../kit/look/report";
import type { Input } from "./command";
import { addVirtual, lookAtProxmox } from "./virtual";
import { loadProject } from "../../kit/stack-file/project";
import { Style } from "../../kit/terminal/style";
import { PrivateFolder } from "../../kit/private-folder";
import { SshClient } from "../../kit/ssh/client";
import { writeJson } from "../../kit/verb/document";
import { completeCommands } from "../../kit/advice";
import { type ExitCode, UserError } from "../../kit/user-error";

/** `vmstation drift`: compares the machines with the plan, and with --fix puts right what differs. */
export async function run({ options }: Input): Promise<ExitCode> {
  if (options.dryRun && !options.fix) {
    throw new UserError("--dry-run needs --fix: without --fix, drift changes nothing.");
  }
  const project = loadProject(options.cwd);
  const targets = await listTargets(project, options);
  const folder = new PrivateFolder(join(project.root, ".vmstation", "tmp"));
  const progress = new Progress(process.stderr);
  try {
    const client = new SshClient(folder.path, targets);
    let reports = await Promise.all(
      targets.map((each) => {
        const { name } = each.machine;
        progress.set(name, ...renderConnecting());
        const onProgress = (done: number, all: number, names: readonly string[]): void => {
          progress.set(name, ...renderChecking(done, all, names));
        };
        return look({ targets: each, client, onProgress }).finally(() => {
          progress.done(name);
        });
      }),
    );
    progress.clear();
    if (options.fix) {
      const onOutput = (line: string): void => void process.stderr.write(`${line}\n`);
      reports = await fix({ targets, reports, client, dryRun: options.dryRun, onOutput });
    }
    const names = targets.map(({ machine }) => machine.name);
    const virtual = await lookAtProxmox(project, options, names);
    const report = renderReport(options.stack, addVirtual(reports, virtual));
    if (options.json) writeJson(report);
    else {
      const text = renderText(report, Style.of(process.stdout, process.env));
      process.stdout.write(completeCommands(text, { stack: options.stack, cwd: options.cwd }));
    }
    return report.exitCode;
  } finally {
    progress.clear();
    folder.remove();
  }
}
