import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { lastOutput } from "../last-output";
import { askPlanner, numbered, renderRefused, type Notice, type StepsAnswer } from "../planner";
import type { Wanted } from "./render-wanted";

/** The file that decides on the controller. */
const PLANNER = path.join(__dirname, "files/name_steps.py");

/** What the run prints once it has succeeded, and the stack keeps as its output `bootstrap`. */
const recordSchema = z.object({
  /** Digest of what that run was about. */
  intent: z.string(),
  /** The record that plan_steps.py starts from. */
  record: z.looseObject({}),
});

export interface PreviewArgs {
  readonly wanted: Wanted;
  /** Digest of what the run would be about. */
  readonly intent: string;
  /** The machine that Ansible runs on. */
  readonly controller: string;
}

/** The notice for a stack that has no record yet: what is on the machines decides, and a preview asks none. */
export function renderFirst({ controller, wanted }: PreviewArgs): Notice {
  return {
    severity: "info",
    text:
      `no run is recorded in this stack. Where ${controller} has no cluster, cluster.yml installs one; ` +
      `where it has one, existing: ${wanted.existing} decides. \`vmstation bootstrap plan\` asks ${controller}.`,
  };
}

export function renderAnswer({ controller }: PreviewArgs, answer: StepsAnswer): Notice {
  if ("refused" in answer) return renderRefused(answer.refused, answer.advice);
  if (answer.steps.length === 0) return { severity: "info", text: "no playbook is due" };
  return numbered(`playbooks that ${controller} will run:`, answer.steps);
}

/** The notice for what the last update left in the stack; undefined where the next one has nothing to do. */
export async function explain(
  args: PreviewArgs,
  output: string | undefined,
): Promise<Notice | undefined> {
  if (output === undefined) return renderFirst(args);
  const { intent, record } = recordSchema.parse(JSON.parse(output));
  if (intent === args.intent) return undefined;
  return renderAnswer(args, await askPlanner(PLANNER, { recorded: record, wanted: args.wanted }));
}

async function notice(args: PreviewArgs): Promise<Notice | undefined> {
  let output: string | undefined;
  try {
    output = await lastOutput();
  } catch (error) {
    // Where no engine answers, as for `vmstation plan`, there is no last update to compare with.
    return { severity: "debug", text: `the stack's outputs cannot be read: ${String(error)}` };
  }
  return explain(args, output).catch((error: unknown) => ({
    severity: "info",
    text: `the playbooks cannot be named on this computer (${String(error)}); \`vmstation bootstrap plan\` asks ${args.controller}`,
  }));
}

/** In a preview, names the playbooks that the change leads to. It contacts no machine and never fails the preview. */
export function nameSteps(args: PreviewArgs, component: pulumi.Resource): void {
  if (!pulumi.runtime.isDryRun()) return;
  const done = pulumi.runtime.rpcKeepAlive();
  void notice(args)
    .then((found) => found && pulumi.log[found.severity](found.text, component))
    .finally(done);
}
