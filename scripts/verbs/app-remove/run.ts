import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AppPlan } from "../../../components/apps/frame/app";
import { readSite } from "../../kit/ssh/operator";
import { removeBlock, Unwritable } from "../../kit/stack-file/app-blocks";
import { loadProject } from "../../kit/stack-file/project";
import { StackText } from "../../kit/stack-file/stack-text";
import { confirm } from "../../kit/terminal/confirm";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";
import { writeJson } from "../../kit/verb/document";
import { writeProgress } from "../../kit/controller/results";
import type { Site } from "../../../stacks/site";
import type { Input } from "./command";
import {
  type Removal,
  renderQuestion,
  renderRemoval,
  renderUnknown,
  renderUnwritable,
} from "./render";

/** `vmstation app remove NAME`: takes an app out of the stack's file. Its data stays where it is. */
export async function run({ args: [name], options }: Input): Promise<ExitCode> {
  const { stack, json } = options;
  const project = loadProject(options.cwd);
  const site = readSite(project, stack);
  const plan = site.apps.find((app) => app.name === name);
  if (plan === undefined) {
    const names = site.apps.map((app) => app.name);
    throw new UserError(renderUnknown(name, names, stack));
  }
  const file = join(project.configFolder, `Pulumi.${stack}.yaml`);
  const text = without(file, `${project.name}:apps`, name);
  const removal: Removal = { app: name, file, ...keptOf(plan, site) };
  const asks = !options.yes && !options.dryRun;
  if (asks) writeProgress(renderRemoval({ ...removal, stack, changed: false }));
  const isSure = asks ? await confirm({ text: renderQuestion(name) }) : options.yes;
  const changed = isSure && !options.dryRun;
  if (changed) new StackText(file, text).write();
  if (json) writeJson({ version: 1, stack, ...removal, changed });
  else process.stdout.write(renderRemoval({ ...removal, stack, changed }));
  return asks && !changed ? EXIT.fail : EXIT.pass;
}

/** What nobody deletes: folders, claims, and secrets that nothing else names. */
function keptOf(plan: AppPlan, { facts }: Site): Pick<Removal, "folders" | "claims" | "secrets"> {
  const users = (name: string): number => facts.secrets.filter((each) => each.name === name).length;
  const names = [...new Set(plan.secrets.map(({ name }) => name))];
  return {
    folders: plan.volumes.flatMap((volume) =>
      volume.kind === "local" ? [`${volume.directory} on ${plan.machine ?? ""}`] : [],
    ),
    claims: plan.volumes.flatMap((volume) =>
      volume.kind === "claim" ? [`${volume.name} of ${volume.storageClass}`] : [],
    ),
    secrets: names.filter(
      (name) => users(name) === plan.secrets.filter((each) => each.name === name).length,
    ),
  };
}

function without(file: string, key: string, name: string): string {
  try {
    return removeBlock(readFileSync(file, "utf8"), key, name);
  } catch (error) {
    if (error instanceof Unwritable) throw new UserError(renderUnwritable(file, error, name));
    throw error;
  }
}
