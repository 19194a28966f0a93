import { type FormerResource, parseFormer } from "../../../components/node/former-names";
import type { Deployment, StateResource } from "./deployment";
import { parseUrn } from "../../engine/urn";
import { UserError } from "../user-error";
import { combineScripts, REMOVE } from "./combined-script";

const COMMAND = "command:remote:Command";

/** Entries of an earlier version that become one, in the state's order, which is the order in which they were made. */
export interface Merger {
  readonly machine: string;
  readonly former: readonly StateResource[];
  /** URN of the resource that does their work today. */
  readonly urn: string;
  /** Whether the state has that one too: an update has come this far already. */
  readonly isThere: boolean;
}

/** What of a state carries a name of an earlier version. */
export function findMergers({ resources }: Deployment): Merger[] {
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
  return [...mergers].map(([urn, merger]) => ({ urn, isThere: urns.has(urn), ...merger }));
}

function formerOf(urn: string): FormerResource | undefined {
  const { type, name } = parseUrn(urn);
  return type === COMMAND ? parseFormer(name) : undefined;
}

function rename(urn: string, name: string): string {
  return `${urn.slice(0, -parseUrn(urn).name.length)}${name}`;
}

/**
 * The state with one entry in place of each merger's entries, as an update that knew both would have written it. The
 * entry has their removal scripts until the next update gives it today's. No script is run.
 */
export function mergeFormer(deployment: Deployment): Deployment {
  const mergers = findMergers(deployment);
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
          pending_operations: operations.filter(
            ({ resource }) => formerOf(resource.urn) === undefined,
          ),
        }),
  };
}

function mergeEntries({ urn, machine, former }: Merger): StateResource {
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

/** With every reference to an entry that is gone turned to what took its place, and none to itself. */
function relink(resource: StateResource, successors: ReadonlyMap<string, string>): StateResource {
  const result: StateResource = { ...resource };
  const turn = (urn: string): string => successors.get(urn) ?? urn;
  const turnAll = (urns: readonly string[]): string[] =>
    [...new Set(urns.map(turn))].filter((urn) => urn !== resource.urn);
  const { dependencies, propertyDependencies, deletedWith, replaceWith } = resource;
  if (dependencies != null) result.dependencies = turnAll(dependencies);
  if (replaceWith != null) result.replaceWith = turnAll(replaceWith);
  if (deletedWith != null) result.deletedWith = turn(deletedWith);
  if (propertyDependencies != null) {
    result.propertyDependencies = Object.fromEntries(
      Object.entries(propertyDependencies).map(([key, urns]) => [key, urns && turnAll(urns)]),
    );
  }
  return result;
}
