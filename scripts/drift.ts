import { join } from "node:path";
import { fix } from "./drift/fix";
import { listTargets } from "./drift/list-targets";
import { look } from "./drift/look";
import { Progress } from "./drift/progress";
import { renderText } from "./drift/render-report";
import { renderReport } from "./drift/report";
import { Options } from "./options";
import { loadProject } from "./plan/project";
import { Style } from "./plan/style";
import { PrivateFolder } from "./pulumi/private-folder";
import { SshClient } from "./ssh/client";
import { type ExitCode, UserError } from "./user-error";

/** `vmstation drift`: compares the machines with the plan, and with --fix puts right what differs. */
export async function run(input: unknown): Promise<ExitCode> {
  const options = new Options(input);
  if (options.flag("dryRun") && !options.flag("fix")) {
    throw new UserError("--dry-run belongs to --fix: without it drift changes nothing.");
  }
  const project = loadProject(options.text("cwd"));
  const targets = await listTargets(project, options);
  const folder = new PrivateFolder(join(project.root, ".vmstation", "tmp"));
  const progress = new Progress(process.stderr);
  try {
    const client = new SshClient(folder.path, targets);
    let reports = await Promise.all(
      targets.map((each) => {
        const { name } = each.machine;
        const onProgress = (done: number, all: number): void => {
          progress.set(name, `${done}/${all}`);
        };
        return look({ targets: each, client, onProgress });
      }),
    );
    progress.clear();
    if (options.flag("fix")) {
      const onOutput = (line: string): void => void process.stderr.write(`${line}\n`);
      reports = await fix({ targets, reports, client, dryRun: options.flag("dryRun"), onOutput });
    }
    const report = renderReport(options.text("stack"), reports);
    process.stdout.write(
      options.flag("json")
        ? `${JSON.stringify(report, null, 2)}\n`
        : renderText(report, Style.of(process.stdout, process.env)),
    );
    return report.exitCode;
  } finally {
    progress.clear();
    folder.remove();
  }
}
