import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join, relative, resolve } from "node:path";
import { z } from "zod";
import { parseJson } from "../parse-json";
import { currentBackend } from "../pulumi/backend";
import { parseStack } from "../verb/values";
import { type Project, readOptional } from "./project";

type Environment = Readonly<Record<string, string | undefined>>;

/** The CLI's file: the selected stack of each backend; an older CLI has one for all of them. */
const settingsSchema = z.object({
  stack: z.string().optional(),
  stacks: z.record(z.string(), z.string()).optional(),
});

/** The stack that `pulumi stack select` chose for this project and its backend; undefined where none is selected. */
export function readSelectedStack(project: Project, env: Environment): string | undefined {
  const home = env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  const backend = currentBackend(project, env);
  for (const root of rootNames(project.root, env)) {
    const name = `${project.name}-${sha1(join(root, project.file))}-workspace.json`;
    const text = readOptional(join(home, "workspaces", name));
    const settings = settingsSchema.safeParse(text === undefined ? undefined : parseJson(text));
    if (!settings.success) continue;
    const { stack, stacks = {} } = settings.data;
    const selected = stacks[backend] ?? stack;
    if (selected !== undefined && selected !== "") return parseStack(selected);
  }
  return undefined;
}

/** The CLI takes the folder's name from the shell, which knows by which link somebody went there. */
function rootNames(root: string, { PWD }: Environment): string[] {
  const logical = PWD === undefined ? root : resolve(PWD, relative(process.cwd(), root));
  return [...new Set([logical, root])];
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
