import { lookup } from "node:dns/promises";
import { isIPv4 } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { Progress } from "../../kit/terminal/progress";
import type { AskedMachine } from "./asked";
import { compose } from "./compose";
import { readInventory } from "./inventory/inventory";
import { inventoryMachines } from "./inventory/machines";
import { lookAtMachines, scanMachines, type ShownMachine } from "./look";
import { askForMachines } from "./questions";
import { renderFile } from "./render-file";
import { type InitReport, renderDone, renderShown } from "./render-report";
import { settle } from "./settle";
import { TargetFile } from "./target-file";
import { Options } from "../../kit/options";
import { loadProject, type Project } from "../../kit/stack-file/project";
import { parseSetting } from "../../kit/stack-file/setting";
import { PrivateFolder } from "../../kit/private-folder";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";
import { listOpenQuestions } from "../../../stacks/open-questions";

/** `vmstation init`: looks at the machines and writes the stack's file. */
export async function run(input: unknown): Promise<ExitCode> {
  const options = new Options(input);
  const project = loadProject(options.text("cwd"));
  const stack = options.text("stack");
  const target = new TargetFile(join(project.configFolder, `Pulumi.${stack}.yaml`));
  const dryRun = options.flag("dryRun");
  target.refuseExisting(options.flag("force") || dryRun);
  const settings = options.list("set").map(parseSetting);
  const shown = await scanMachines(await listMachines(options));
  process.stderr.write(`They show these host keys:\n${renderShown(shown)}`);
  if (!options.flag("yes")) await compared();
  const composed = compose(await look(project, shown));
  const origin = options.optionalText("from") ?? "its owner";
  const { file, site } = settle({ composed, stack, origin, settings });
  const warnings = listOpenQuestions(site, stack, () => false);
  const text = renderFile(file);
  const report: InitReport = {
    ...{ version: 1, stack, file: target.path, written: !dryRun },
    backup: (dryRun ? undefined : target.write(text, new Date())) ?? null,
    machines: shown.map(({ asked: { name, address }, hostKey }) => ({ name, address, hostKey })),
    ...{ warnings, text },
  };
  if (options.flag("json")) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else process.stdout.write(dryRun ? text : renderDone(report));
  return EXIT.pass;
}

async function listMachines(options: Options): Promise<readonly AskedMachine[]> {
  const user = options.optionalText("user") ?? ownName();
  const from = options.optionalText("from");
  if (from !== undefined) {
    const inventory = readInventory(from, { withoutVault: options.flag("withoutVault") });
    const { machines, remarks } = await inventoryMachines({
      ...{ file: from, inventory, user, resolve },
      ...{ controlPlanes: options.list("controlPlane"), etcd: options.list("etcd") },
      ...{ workers: options.list("worker"), sleepers: options.list("sleeps") },
      only: options.list("machine"),
    });
    for (const remark of remarks) process.stderr.write(`${remark}\n`);
    return machines;
  }
  return askForMachines({ input: process.stdin, output: process.stderr, user, resolve });
}

/** Root is no suggestion: sshd's drop-in forbids its log-in. */
function ownName(): string | undefined {
  const { username } = userInfo();
  return username === "root" ? undefined : username;
}

async function resolve(host: string): Promise<string | undefined> {
  if (isIPv4(host)) return host;
  try {
    return (await lookup(host, { family: 4 })).address;
  } catch {
    return undefined;
  }
}

/** A key that came over the network proves nothing by itself: only a person can compare it. */
async function compared(): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new UserError(
      "Nobody is here to compare the fingerprints. Compare them with what\n" +
        "  ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\n" +
        "prints at each machine's console, then run this again with --yes.",
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(
    "At each machine's console, ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub prints its fingerprint.\n" +
      "Are they the same? Then this logs in, looks, and changes nothing there. [y/N] ",
  );
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new UserError("Nothing was written.", EXIT.fail);
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
