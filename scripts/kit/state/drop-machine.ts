import { parseHeader } from "../../../components/remote/header";
import { parseUrn } from "../../engine/urn";
import type { Deployment, StateResource } from "./deployment";

const NODE = "vmstation:node:Node";
const NODE_NAME = /^node-(.+)$/;

/**
 * The URNs of what is on a machine: its Node and every remote command there. The connection is encrypted, so a
 * command's machine is read from the first line of what it runs. Where that holds a secret and is encrypted too,
 * the name ends in the machine's; `known` are further machines, so that none is taken for another whose name ends
 * alike.
 */
export function findOnMachine(
  { resources }: Deployment,
  machine: string,
  known: readonly string[],
): Set<string> {
  const all = resources ?? [];
  const names = new Set([
    machine,
    ...known,
    ...all.flatMap((resource) => statedMachine(resource) ?? []),
  ]);
  const isThere = (resource: StateResource): boolean => {
    if (resource.type !== NODE && !isCommand(resource)) return false;
    return (statedMachine(resource) ?? machineInName(resource, names)) === machine;
  };
  const found = new Set(all.filter(isThere).map(({ urn }) => urn));
  // A command below the machine's Node is on it, no matter what its name is. Parents come before children.
  for (const { urn, parent } of all.filter(isCommand)) {
    if (parent !== undefined && found.has(parent)) found.add(urn);
  }
  return found;
}

function isCommand({ type }: StateResource): boolean {
  return type.startsWith("command:remote:");
}

/** The machine that a resource itself names; undefined where it is encrypted or the resource is on none. */
function statedMachine(resource: StateResource): string | undefined {
  if (resource.type === NODE) return NODE_NAME.exec(parseUrn(resource.urn).name)?.[1];
  const stdin = isCommand(resource) ? resource.inputs?.stdin : undefined;
  return typeof stdin === "string" ? parseHeader(stdin)?.machine : undefined;
}

function machineInName({ urn }: StateResource, machines: ReadonlySet<string>): string | undefined {
  const { name } = parseUrn(urn);
  const matches = [...machines].filter((machine) => name.endsWith(`-${machine}`));
  return matches.sort((a, b) => b.length - a.length)[0];
}

/** The deployment without these resources, and without any reference to them in what stays. */
export function dropResources(deployment: Deployment, dropped: ReadonlySet<string>): Deployment {
  const { resources, pending_operations: operations } = deployment;
  const stays = (urn: string): boolean => !dropped.has(urn);
  const parents = new Map((resources ?? []).map(({ urn, parent }) => [urn, parent]));
  return {
    ...deployment,
    ...(resources == null
      ? {}
      : {
          resources: resources
            .filter(({ urn }) => stays(urn))
            .map((resource) => unlink(resource, stays, parents)),
        }),
    ...(operations == null
      ? {}
      : { pending_operations: operations.filter(({ resource }) => stays(resource.urn)) }),
  };
}

function unlink(
  resource: StateResource,
  stays: (urn: string) => boolean,
  parents: ReadonlyMap<string, string | undefined>,
): StateResource {
  const result: StateResource = { ...resource };
  const { parent, dependencies, propertyDependencies, deletedWith, replaceWith } = resource;
  if (parent !== undefined && !stays(parent)) result.parent = keptAncestor(parent, stays, parents);
  if (dependencies != null) result.dependencies = dependencies.filter(stays);
  if (replaceWith != null) result.replaceWith = replaceWith.filter(stays);
  if (propertyDependencies != null) {
    result.propertyDependencies = Object.fromEntries(
      Object.entries(propertyDependencies).map(([key, urns]) => [key, urns?.filter(stays) ?? urns]),
    );
  }
  if (deletedWith != null && deletedWith !== "" && !stays(deletedWith)) delete result.deletedWith;
  return result;
}

function keptAncestor(
  urn: string,
  stays: (urn: string) => boolean,
  parents: ReadonlyMap<string, string | undefined>,
): string | undefined {
  let ancestor: string | undefined = urn;
  while (ancestor !== undefined && !stays(ancestor)) ancestor = parents.get(ancestor);
  return ancestor;
}
