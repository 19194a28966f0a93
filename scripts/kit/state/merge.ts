import { type FormerResource, parseFormer } from "../../../components/node/former-names";
import type { Deployment, StateResource } from "./deployment";
import { parseUrn } from "../../engine/urn";
import { UserError } from "../user-error";
import { combineScripts, REMOVE } from "./combined-script";
import { convertKeys, findFormerKeys, successorOf } from "./former-key";
import { relink } from "./relink";

const COMMAND = "command:remote:Command";

/** Entries of an earlier version that become one, in the state's order, which is the order in which they were made. */
export interface Merger {
  readonly former: readonly StateResource[];
  /** URN of the resource that does their work today. */
  readonly urn: string;
  /** Whether a destroy would take away what today's resource, which the state has too, put on a machine. */
  readonly blocksDestroy: boolean;
}

/** Steps on a machine that one resource does today. */
interface StepMerger extends Merger {
  readonly machine: string;
  /** Whether the state has today's too: an update has come this far already. */
  readonly isThere: boolean;
}

/** What of a state has the form of an earlier version. */
export function findMergers(deployment: Deployment): Merger[] {
  const keys = findFormerKeys(deployment).map(({ urn, former }) => ({
    ...{ urn, former: [former] },
    // A destroy leaves either key.
    blocksDestroy: false,
  }));
  return [...findStepMergers(deployment), ...keys];
}

function findStepMergers({ resources }: Deployment): StepMerger[] {
  const all = resources ?? [];
  const urns = new Set(all.map(({ urn }) => urn));
  const mergers = new Map<string, { machine: string; former: StateResource[] }>();
  for (const resource of all) {
    const found = formerOf(resource.urn);
    if (found === undefined) continue;
    const urn = rename(resource.urn, found.successor);
    const merger = mergers.get(urn) ?? { machine: found.machine, former: [] };
    merger.former.push(resource);
    mergers.set(urn, merger);
  }
  return [...mergers].map(([urn, merger]) => {
    const isThere = urns.has(urn);
    return { urn, isThere, blocksDestroy: isThere, ...merger };
  });
}

function formerOf(urn: string): FormerResource | undefined {
  const { type, name } = parseUrn(urn);
  return type === COMMAND ? parseFormer(name) : undefined;
}

function isFormer(urn: string): boolean {
  return formerOf(urn) !== undefined || successorOf(urn) !== undefined;
}

function rename(urn: string, name: string): string {
  return `${urn.slice(0, -parseUrn(urn).name.length)}${name}`;
}

/**
 * The state with one entry in place of each merger's entries, as an update that knew both would have written it. Of steps the
 * entry has their removal scripts until the next update gives it today's. No script is run.
 */
export function mergeFormer(deployment: Deployment): Deployment {
  return convertKeys(mergeSteps(deployment));
}

function mergeSteps(deployment: Deployment): Deployment {
  const mergers = findStepMergers(deployment);
  const successors = new Map(
    mergers.flatMap(({ urn, former }) => former.map((each) => [each.urn, urn] as const)),
  );
  const { resources, pending_operations: operations } = deployment;
  const merged = (resources ?? []).flatMap((resource) => {
    const merger = mergers.find(({ urn }) => urn === successors.get(resource.urn));
    if (merger === undefined) return [relink(resource, successors)];
    if (merger.isThere || resource !== merger.former.at(-1)) return [];
    return [relink(mergeEntries(merger), successors)];
  });
  return {
    ...deployment,
    ...(resources == null ? {} : { resources: merged }),
    // Operations that began and did not end: the next update does them again.
    ...(operations == null
      ? {}
      : {
          pending_operations: operations.filter(({ resource }) => !isFormer(resource.urn)),
        }),
  };
}

function mergeEntries({ urn, machine, former }: StepMerger): StateResource {
  const last = former.at(-1);
  if (last === undefined) throw new Error(`nothing becomes ${urn}`);
  const { name } = parseUrn(urn);
  const step = name.slice(name.lastIndexOf("-") + 1);
  const stdin = combineScripts(step, machine, former.map(scriptOf));
  const { outputs } = last;
  return {
    ...last,
    urn,
    inputs: { ...last.inputs, stdin },
    ...(typeof outputs === "object" && outputs !== null ? { outputs: { ...outputs, stdin } } : {}),
    dependencies: [...new Set(former.flatMap(({ dependencies }) => dependencies ?? []))],
  };
}

function scriptOf({ urn, inputs }: StateResource): string {
  const { stdin, delete: removal } = inputs ?? {};
  if (typeof stdin === "string" && removal === REMOVE) return stdin;
  const { name } = parseUrn(urn);
  throw new UserError(
    `${name} cannot be converted: its delete command is not "${REMOVE}" with a readable script.\n` +
      `  Nothing was changed. Run destroy with the version that applied it, then up with this one.`,
  );
}
