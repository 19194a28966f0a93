import { lookup } from "node:dns/promises";
import { isIPv4 } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { confirmFingerprints } from "../../kit/host-keys/compare";
import { Progress } from "../../kit/terminal/progress";
import { ownTerminal } from "../../kit/terminal/prompt";
import type { AskedMachine } from "./asked";
import { compose } from "./compose";
import { readInventory } from "./inventory/inventory";
import { inventoryMachines } from "./inventory/machines";
import { lookAtMachines, scanMachines, type ShownMachine } from "./look";
import { Draft } from "./draft";
import { askForMachines } from "./interview";
import type { FoundHost } from "./questions";
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
import { readSettings } from "../../../components/remote/ssh-settings";
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
  const shown = await scanMachines(await listMachines(options, draft));
  process.stderr.write(renderShown(shown));
  if (!options.yes && !(await confirmFingerprints(COMPARE))) {
    throw new UserError("Nothing was written.", EXIT.fail);
  }
  const seen = await look(project, shown);
  const isAsked = options.from === undefined;
  const composed = compose(isAsked ? await askWhoSleeps(seen, ownTerminal()) : seen);
  const origin = options.from ?? "its owner";
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

async function listMachines(
  options: Input["options"],
  draft: Draft,
): Promise<readonly AskedMachine[]> {
  const user = options.user ?? ownName();
  const from = options.from;
  if (from !== undefined) {
    const inventory = readInventory(from, { withoutVault: options.withoutVault });
    const { machines, remarks } = await inventoryMachines({
      ...{ file: from, inventory, user, resolve: resolveAddress },
      ...{ controlPlanes: options.controlPlane, etcd: options.etcd },
      ...{ workers: options.worker, sleepers: options.sleeps },
      only: options.machine,
    });
    for (const remark of remarks) process.stderr.write(`${remark}\n`);
    return machines;
  }
  return askForMachines({ ...ownTerminal(), user, resolve: findHost, draft });
}

/** Root is no suggestion: sshd's drop-in forbids its log-in. */
function ownName(): string | undefined {
  const { username } = userInfo();
  return username === "root" ? undefined : username;
}

/** What the operator's ssh settings and the resolver say of a host. */
async function findHost(host: string): Promise<FoundHost | undefined> {
  const settings = readSettings(host);
  const address = await resolveAddress(settings?.hostName ?? host);
  if (address === undefined) return undefined;
  const user = settings?.user === userInfo().username ? undefined : settings?.user;
  return { address, port: settings?.port ?? 22, user: user === "" ? undefined : user };
}

async function resolveAddress(host: string): Promise<string | undefined> {
  if (isIPv4(host)) return host;
  try {
    return (await lookup(host, { family: 4 })).address;
  } catch {
    return undefined;
  }
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
