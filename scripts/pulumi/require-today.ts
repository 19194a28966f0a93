import { z } from "zod";
import { findMergers } from "../migrate/merge";
import { parseJson } from "../parse-json";
import { parseUrn } from "../plan/urn";
import { UserError } from "../user-error";
import { runQuietly } from "./run-cli";
import type { Session } from "./session";

export interface RequireArgs {
  readonly cli: string;
  readonly folder: string;
  readonly stack: string;
  readonly session: Session;
}

const resourceSchema = z.looseObject({ urn: z.string(), type: z.string() });
/** Read loosely: what else a newer CLI writes is none of this. */
const deploymentSchema = z.object({ resources: z.array(resourceSchema).nullish() });
const exportSchema = z.object({ deployment: deploymentSchema });

/** Names of an earlier version that are shown; the rest is counted. */
const SHOWN = 3;

/**
 * Refuses a state whose entries an update would remove by scripts of an earlier version, which would take away from a
 * machine what today's resources put there.
 */
export async function requireTodaysState(args: RequireArgs): Promise<void> {
  const { stack } = args;
  const former = findMergers(await readDeployment(args)).flatMap((merger) =>
    merger.former.map(({ urn }) => `${parseUrn(urn).name} -> ${parseUrn(merger.urn).name}`),
  );
  if (former.length === 0) return;
  const more = former.length > SHOWN ? [`  and ${former.length - SHOWN} more`] : [];
  throw new UserError(
    [
      `The state of ${stack} is of an earlier version of VMStation, which named some resources otherwise:`,
      ...former.slice(0, SHOWN).map((line) => `  ${line}`),
      ...more,
      "Nothing was changed. First bring the state into today's form. That changes no machine and keeps a copy:",
      `  npx vmstation migrate --stack ${stack}`,
    ].join("\n"),
  );
}

type Found = z.infer<typeof deploymentSchema>;

/** The local state is a file, which is read in a moment; the CLI is asked for any other. */
async function readDeployment({ cli, folder, stack, session }: RequireArgs): Promise<Found> {
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
