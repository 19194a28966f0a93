import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import {
  type Kubeconfig,
  mergeKubeconfig,
  parseKubeconfig,
  renameContext,
  renderKubeconfig,
} from "./kubeconfig";
import { type Merged, renderMerged } from "./render";
import { readFromMachine, readFromStack } from "./sources";
import { changePrivate } from "./write-private";
import type { Input } from "./command";
import { apiHost } from "../../../components/bootstrap/endpoint/address";
import { loadProject } from "../../kit/stack-file/project";
import { writeProgress } from "../../kit/controller/results";
import { writeJson } from "../../kit/verb/document";
import { Operator } from "../../kit/ssh/operator";
import { EXIT, type ExitCode, UserError } from "../../kit/user-error";

/** `vmstation kubeconfig`: the administrator's access, merged into the operator's own file or printed. */
export async function run({ options }: Input): Promise<ExitCode> {
  const file = findFile(options, process.env);
  const project = loadProject(options.cwd);
  const fromStack = await readFromStack(project, options.stack, writeProgress);
  const operator = Operator.open(options);
  try {
    const { text, source } = fromStack ?? (await readFromMachine(operator));
    const { cluster, bootstrap } = operator.site.config;
    const controller = operator.first;
    const server = `https://${apiHost({ config: bootstrap, controller })}`;
    const added = renameContext(parseKubeconfig(text, `What ${source} has`), cluster.name, server);
    if (options.print) process.stdout.write(renderKubeconfig(added));
    else merge(added, { file, source, server, options });
    return EXIT.pass;
  } finally {
    operator.close();
  }
}

/** The file to merge into: --file, else the only one that KUBECONFIG names, else ~/.kube/config. */
export function findFile(options: Input["options"], env: NodeJS.ProcessEnv): string {
  const told = options.file;
  if (told !== undefined) return resolve(told);
  const named = (env.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
  const [only, ...others] = named;
  if (others.length > 0) {
    throw new UserError(`KUBECONFIG contains ${named.length} files. Choose one with --file.`);
  }
  return resolve(only ?? join(homedir(), ".kube", "config"));
}

interface MergeArgs {
  readonly file: string;
  readonly source: string;
  readonly server: string;
  readonly options: Input["options"];
}

function merge(added: Kubeconfig, { file, source, server, options }: MergeArgs): void {
  const context = added["current-context"] ?? "";
  let current = context;
  const change = (text: string): string => {
    const merged = mergeKubeconfig(parseKubeconfig(text, file), added, options.use);
    current = merged["current-context"] ?? "";
    return renderKubeconfig(merged);
  };
  const dryRun = options.dryRun;
  const changed = dryRun ? wouldChange(file, change) : changePrivate(file, change);
  const merged: Merged = {
    ...{ version: 1, file, context, server },
    ...{ source, changed, dryRun, current },
  };
  if (options.json) writeJson(merged);
  else process.stdout.write(renderMerged(merged));
}

function wouldChange(file: string, change: (text: string) => string): boolean {
  const before = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  return change(before ?? "") !== before;
}
