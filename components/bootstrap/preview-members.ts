import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ClusterArgs } from "./args";
import { lastOutput } from "./last-output";
import { memberRules, memberState, type MemberState } from "./members";
import { askPlanner, numbered, renderRefused, type Notice } from "./planner";

const PLANNER = path.join(__dirname, "files/name_members.py");

const recordSchema = z.object({
  members: z
    .record(
      z.string(),
      z.object({ roles: z.array(z.string()), key: z.string().nullable(), offline: z.boolean() }),
    )
    .optional(),
  /** A record of an earlier version has the roles among the keys that a cluster keeps. */
  fixed: z.record(z.string(), z.string()),
});

/** The machines of a cluster without playbooks, as the stack's output `bootstrap` keeps them. */
export function renderMembers(machines: ClusterArgs["machines"]): Record<string, MemberState> {
  return Object.fromEntries(machines.map((machine) => [machine.name, memberState(machine)]));
}

function recorded(output: string): Readonly<Record<string, MemberState>> | undefined {
  const parsed = recordSchema.safeParse(JSON.parse(output));
  if (!parsed.success) return undefined;
  const { members, fixed } = parsed.data;
  if (members !== undefined) return members;
  const roles = Object.entries(fixed).flatMap(([key, value]) => {
    const name = /^machines\.(.+)\.roles$/.exec(key)?.[1];
    if (name === undefined) return [];
    return [[name, { roles: value.split(" "), key: null, offline: false }] as const];
  });
  return roles.length === 0 ? undefined : Object.fromEntries(roles);
}

/** The machines that will leave and join, or why `up` will refuse; undefined where none does. */
export async function nameMembers(
  args: ClusterArgs,
  output: string | undefined,
): Promise<Notice | undefined> {
  const before = output === undefined ? undefined : recorded(output);
  if (before === undefined) return undefined;
  const after = renderMembers(args.machines);
  const answer = await askPlanner(PLANNER, { before, after, rules: memberRules(args) });
  if ("refused" in answer) return renderRefused(answer.refused, answer.advice);
  if (answer.steps.length === 0) return undefined;
  return numbered("machines that leave the cluster, and join it:", answer.steps);
}

/** In a preview, names the machines that come and go. It contacts none of them and never fails the preview. */
export function sayMembers(args: ClusterArgs, component: pulumi.Resource): void {
  if (!pulumi.runtime.isDryRun()) return;
  const done = pulumi.runtime.rpcKeepAlive();
  void lastOutput()
    .then((output) => nameMembers(args, output))
    .then((notice) => notice && pulumi.log[notice.severity](notice.text, component))
    .catch((error: unknown) =>
      pulumi.log.debug(
        `the machines that come and go cannot be named: ${String(error)}`,
        component,
      ),
    )
    .finally(done);
}
