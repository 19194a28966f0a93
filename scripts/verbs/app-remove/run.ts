import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { AppPlan } from "../../../components/apps/frame/app";
import { OWN_KEYS } from "../../../components/apps/own-keys";
import { checkConfig } from "../../../stacks/check";
import { readRaw } from "../../kit/ssh/operator";
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
  const raw = readRaw(project, stack, undefined);
  const written = z.record(z.string(), z.unknown()).safeParse(raw.values.apps).data ?? {};
  const names = Object.keys(written).filter((each) => !OWN_KEYS.includes(each));
  if (!names.includes(name)) {
    throw new UserError(renderUnknown(name, names, stack));
  }
  const { site } = checkConfig(raw);
  const plan = site?.apps.find((app) => app.name === name);
  const file = join(project.configFolder, `Pulumi.${stack}.yaml`);
  const text = without(file, `${project.name}:apps`, name);
  // Where something is wrong in the file, this app may be what is.
  const kept =
    site === undefined || plan === undefined ? foldersOf(written[name]) : keptOf(plan, site);
  const removal: Removal = { app: name, file, ...kept };
  const asks = !options.yes && !options.dryRun;
  if (asks) writeProgress(renderRemoval({ ...removal, stack, changed: false }));
  const isSure = asks ? await confirm({ text: renderQuestion(name) }) : options.yes;
  const changed = isSure && !options.dryRun;
  if (changed) new StackText(file, text).write();
  if (json) writeJson({ version: 1, stack, ...removal, changed });
  else process.stdout.write(renderRemoval({ ...removal, stack, changed }));
  return asks && !changed ? EXIT.fail : EXIT.pass;
}

const block = z.object({
  machine: z.string().optional(),
  volumes: z.record(z.string(), z.object({ path: z.string().optional() })).optional(),
});

/** What is kept of an app of which there is no plan, as far as its block tells. */
function foldersOf(written: unknown): Pick<Removal, "folders" | "claims" | "secrets"> {
  const { machine = "its machine", volumes = {} } = block.safeParse(written).data ?? {};
  const paths = Object.values(volumes).flatMap(({ path }) => path ?? []);
  return { folders: paths.map((path) => `${path} on ${machine}`), claims: [], secrets: [] };
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
