import { renderCommand } from "../advice";
import { z } from "zod";
import { version } from "../../../stacks/version";
import { findMergers } from "../state/merge";
import { parseJson } from "../parse-json";
import { parseUrn } from "../../engine/urn";
import { UserError } from "../user-error";
import { findUnprepared } from "./handed-over";
import { findLaterVersion } from "./later-version";
import { type Resources, resourceSchema, type Wanted } from "./resources";
import { runQuietly } from "./run-cli";
import type { Session } from "./session";
import { findLostNetworks } from "./networks";
import { findLostMachines, findShrunkDisks } from "./virtual-machines";

export interface RequireArgs {
  readonly cli: string;
  readonly folder: string;
  readonly stack: string;
  readonly session: Pick<Session, "env" | "hasOwnBackend" | "readState">;
  /** A destroy may run the scripts of an earlier version, but not on what today's resources have put on a machine too. */
  readonly destroys?: boolean;
  /** None for an update that reaches nothing. */
  readonly wanted?: Omit<Wanted, "stack">;
}

const deploymentSchema = z.object({ resources: z.array(resourceSchema).nullish() });
const exportSchema = z.object({ deployment: deploymentSchema });

/** Names of an earlier version that are shown; the rest is counted. */
const SHOWN = 3;

/**
 * Refuses a state whose entries an update would remove by scripts of another version, which would take away from a
 * machine what the program's resources put there: one of an earlier form, and one that a later version has applied.
 * Resolves to the entries of the state.
 */
export async function requireTodaysState(args: RequireArgs): Promise<Resources> {
  const { stack, destroys = false } = args;
  const deployment = await readDeployment(args);
  const later = findLaterVersion(deployment.resources ?? []);
  if (later !== undefined && !destroys) throw new UserError(renderLater(stack, later));
  refuseLosses(deployment.resources ?? [], args);
  const mergers = findMergers(deployment).filter(({ blocksDestroy }) => blocksDestroy || !destroys);
  const former = mergers.flatMap((merger) =>
    merger.former.map(({ urn }) => `${parseUrn(urn).name} is now ${parseUrn(merger.urn).name}`),
  );
  if (former.length === 0) return deployment.resources ?? [];
  const more = former.length > SHOWN ? [`  and ${former.length - SHOWN} more`] : [];
  throw new UserError(
    [
      `An earlier version of VMStation wrote the state of ${stack}. Some resources have other names today:`,
      ...former.slice(0, SHOWN).map((line) => `  ${line}`),
      ...more,
      "Nothing was changed. Convert the state first. This changes no machine and keeps a copy of the state:",
      `  ${renderCommand({ stack }, "migrate")}`,
    ].join("\n"),
  );
}

/** Virtual machines, which Pulumi would refuse without the key and the way out, and apps, which it would delete. */
function refuseLosses(resources: Resources, { stack, wanted }: RequireArgs): void {
  if (wanted === undefined) return;
  const lost = [findLostMachines, findShrunkDisks, findLostNetworks, findUnprepared].flatMap(
    (find) => find(resources, { ...wanted, stack }),
  );
  if (lost.length > 0) throw new UserError([...lost, "Nothing was changed."].join("\n"));
}

function renderLater(stack: string, later: string): string {
  return [
    `VMStation ${later} was the last to apply the stack ${stack}. This is version ${version}.`,
    "An earlier version removes resources that it does not know.",
    `Nothing was changed. Use version ${later} or later. How to go back: docs/updating.md`,
  ].join("\n");
}

type Found = z.infer<typeof deploymentSchema>;

/** The local state is a file, which is read in a moment; the CLI is asked for any other. */
export async function readDeployment(where: RequireArgs): Promise<Found> {
  const { cli, folder, stack, session } = where;
  if (session.hasOwnBackend) {
    const parsed = deploymentSchema.safeParse(session.readState());
    return parsed.success ? parsed.data : {};
  }
  const args = ["stack", "export", "--stack", stack, "--non-interactive"];
  const { code, stdout, stderr } = await runQuietly({ path: cli, args, folder, env: session.env });
  if (code !== 0) throw new UserError(`The state of ${stack} cannot be read: ${stderr.trim()}`);
  const parsed = exportSchema.safeParse(parseJson(stdout));
  return parsed.success ? parsed.data.deployment : {};
}
