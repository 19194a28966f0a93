import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import { loadProject } from "../../../scripts/kit/stack-file/project";
import { loadStackConfig } from "../../../scripts/kit/stack-file/stack-config";
import { checkConfig } from "../../../stacks/check";
import { renderProblems } from "../../../stacks/errors";
import type { Site } from "../../../stacks/site";
import { run } from "../../rig/command";
import type { Rig } from "../../rig/rig";

export const STACK = "rig";

/** The rig's stack file with the machines' host keys pinned, as `vmstation trust` would. */
export function writePinnedStack(root: string, file: string, { machines }: Rig): void {
  const stack = parseDocument(readFileSync(join(root, "test/rig/Pulumi.rig.yaml"), "utf8"));
  for (const { name, hostKey } of machines) {
    stack.setIn(["config", "vmstation:machines", name, "hostKey"], hostKey);
  }
  writeFileSync(file, stack.toString());
}

export function readSite(root: string, file: string): Site {
  const config = loadStackConfig(loadProject(root), STACK, file);
  const entries = [...config].map(([key, value]): [string, unknown] => [
    key.replace(/^vmstation:/, ""),
    value,
  ]);
  const { site, problems } = checkConfig({ values: Object.fromEntries(entries), secretKeys: [] });
  if (site === undefined) throw new Error(renderProblems(STACK, problems));
  return site;
}

const reportSchema = z.object({
  machines: z.array(
    z.object({
      machine: z.string(),
      error: z.string().nullable(),
      resources: z.array(z.object({ name: z.string(), status: z.string() })),
    }),
  ),
});

export interface DriftRun {
  milliseconds: number;
  /** Steps that were compared, all machines together. */
  checked: number;
}

export interface DriftArgs {
  root: string;
  stackFile: string;
  agentSocket: string;
  /** Whether it is to make the plan, not to take the one that it has kept. */
  fresh?: boolean;
}

/**
 * `vmstation drift`, from the process's start to its end. It looks at every layer; those that need a cluster are
 * not on these machines and so must be found drifted, but every step of the machines' own preparation must be as
 * described.
 */
export async function runDrift(args: DriftArgs): Promise<DriftRun> {
  const { root, stackFile, agentSocket, fresh = false } = args;
  const options = ["drift", "--json", "--stack", STACK, "--config-file", stackFile];
  if (fresh) options.push("--no-cache");
  const start = performance.now();
  const { code, stdout, stderr } = await run(
    process.execPath,
    [join(root, "scripts/vmstation.cjs"), ...options],
    { anyCode: true, env: { ...process.env, SSH_AUTH_SOCK: agentSocket } },
  );
  const milliseconds = performance.now() - start;
  if (code !== 0 && code !== 1) throw new Error(`drift ended with ${code}:\n${stdout}${stderr}`);
  const document: unknown = JSON.parse(stdout);
  const { machines } = reportSchema.parse(document);
  const resources = machines.flatMap((machine) => machine.resources);
  const own = resources.filter(({ name }) => name.startsWith("node-"));
  const wrong = own.filter(({ status }) => status !== "as-described");
  if (own.length === 0 || wrong.length > 0) throw new Error(`drift where none is:\n${stdout}`);
  return { milliseconds, checked: resources.length };
}
