import { join } from "node:path";
import { confirmFingerprints } from "../../kit/host-keys/compare";
import { Progress } from "../../kit/terminal/progress";
import { ownTerminal } from "../../kit/terminal/prompt";
import { compose } from "./compose";
import { lookAtMachines, scanMachines, type ShownMachine } from "./look";
import { Draft } from "./draft";
import { isGiven, listMachines } from "./list-machines";
import { askWhoSleeps } from "./sleep";
import { renderFile } from "./render-file";
import { type InitReport, renderDone, renderShown } from "./render";
import { settle } from "./settle";
import { TargetFile } from "./target-file";
import type { Input } from "./command";
import { loadProject, type Project } from "../../kit/stack-file/project";
import { parseSetting } from "../../kit/stack-file/setting";
import { PrivateFolder } from "../../kit/private-folder";
import { writeJson } from "../../kit/verb/document";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";
import { listOpenQuestions } from "../../../stacks/open-questions";

const NAME = "A new stack needs a name: add --stack NAME, such as --stack home.";
const COMPARE = "Are they the same? Then init logs in and looks; it changes nothing there.";

/** `vmstation init`: looks at the machines and writes the stack's file. */
export async function run({ options }: Input): Promise<ExitCode> {
  const project = loadProject(options.cwd);
  const { stack } = options;
  if (stack === undefined) throw new UserError(NAME);
  const target = new TargetFile(join(project.configFolder, `Pulumi.${stack}.yaml`));
  const dryRun = options.dryRun;
  target.refuseExisting(options.force || dryRun);
  const settings = options.set.map(parseSetting);
  const draft = new Draft(join(project.root, ".vmstation", `init-${stack}.json`));
  const isAsked = !isGiven(options);
  const shown = await scanMachines(await listMachines(options, draft, writeText));
  process.stderr.write(renderShown(shown));
  if (!options.yes && !(await confirmFingerprints(COMPARE))) {
    throw new UserError("Nothing was written.", EXIT.fail);
  }
  const seen = await look(project, shown);
  const composed = compose(isAsked ? await askWhoSleeps(seen, ownTerminal()) : seen);
  const origin = options.from ?? options.proxmox ?? "its owner";
  const { file, site } = settle({ composed, stack, origin, settings });
  const warnings = listOpenQuestions(site, stack, () => false);
  const text = renderFile(file);
  const report: InitReport = {
    ...{ version: 1, stack, file: target.path, written: !dryRun },
    backup: (dryRun ? undefined : target.write(text, new Date())) ?? null,
    machines: shown.map(({ asked: { name, address }, hostKey }) => ({ name, address, hostKey })),
    ...{ warnings, text },
  };
  if (report.written) draft.remove();
  if (options.json) writeJson(report);
  else process.stdout.write(dryRun ? text : renderDone(report));
  return EXIT.pass;
}

function writeText(text: string): void {
  process.stderr.write(text);
}

async function look(project: Project, machines: readonly ShownMachine[]) {
  const folder = new PrivateFolder(join(project.root, ".vmstation", "tmp"));
  const progress = new Progress(process.stderr);
  for (const { asked } of machines) progress.set(asked.name, "…");
  const onDone = (machine: string): void => {
    progress.set(machine, "seen");
  };
  try {
    return await lookAtMachines({ machines, folder: folder.path, onDone });
  } finally {
    progress.clear();
    folder.remove();
  }
}
