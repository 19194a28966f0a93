import { z } from "zod";
import { parseHeader } from "../../../components/remote/header";
import { containsUnknown, revealMap } from "../../engine/inspect";
import { connectionHost, type Machine } from "../stack-file/machines";
import { prerequisites } from "../../engine/order";
import type { Registration } from "../../engine/registration";
import { Secret } from "../../engine/values";
import { type Connection, connectionSchema } from "../ssh/connection";

const inputsSchema = z.object({
  connection: connectionSchema,
  create: z.string(),
  update: z.string().optional(),
  stdin: z.string(),
  logging: z.string().optional(),
});

/** One resource on a machine whose step has something to compare, or confirms what others changed. */
export interface Target {
  readonly urn: string;
  readonly name: string;
  /** URNs of all that comes before it in the plan. */
  readonly after: ReadonlySet<string>;
  /** What runs there; a text that says why it cannot be compared where the plan does not know it. */
  readonly script: TargetScript | string;
}

export interface TargetScript {
  readonly step: string;
  readonly checks: boolean;
  readonly confirms: readonly string[];
  /** The real text, secrets included: never to be shown. */
  readonly stdin: string;
  /** The command that converges it: the resource's own update. */
  readonly update: string;
  /** Whether the text holds secrets, or what the step prints is one. */
  readonly secret: boolean;
}

/** A machine, how to connect to it, and its resources in the plan's order. */
export interface MachineTargets {
  readonly machine: Machine;
  readonly connection: Connection | undefined;
  readonly targets: readonly Target[];
}

const NOT_KNOWN = "it is made from what only the stack's state knows";
const ENCRYPTED = "it holds a secret, and those of the stack's file are encrypted";

export interface FindTargetsArgs {
  /** In the plan's order. */
  readonly resources: readonly Registration[];
  readonly machines: readonly Machine[];
  /** Whether the stack's file encrypts values: the plan then has a marker in their place. */
  readonly encrypted: boolean;
}

/** The steps of these machines, by machine. A command that no step wrote is left alone. */
export function findTargets({ resources, machines, encrypted }: FindTargetsArgs): MachineTargets[] {
  const after = listPredecessors(resources);
  return machines.map((machine) => {
    const own = resources.filter((resource) => connectionHost(resource) === machine.address);
    const connections = own.map((resource) => readConnection(resource));
    return {
      machine,
      connection: connections.find((connection) => connection !== undefined),
      targets: own.flatMap((resource): Target[] => {
        const script = readScript(resource, encrypted);
        if (script === undefined) return [];
        const { urn, name } = resource;
        return [{ urn, name, after: after.get(urn) ?? new Set(), script }];
      }),
    };
  });
}

function readConnection({ inputs }: Registration): Connection | undefined {
  return connectionSchema.safeParse(revealMap(inputs).connection).data;
}

/** Undefined where there is nothing to look for: no step of ours, or one that compares nothing. */
function readScript({ inputs }: Registration, encrypted: boolean): Target["script"] | undefined {
  const { stdin } = inputs;
  if (stdin === undefined) return undefined;
  if (containsUnknown(stdin)) return NOT_KNOWN;
  const parsed = inputsSchema.safeParse(revealMap(inputs));
  if (!parsed.success) return undefined;
  const header = parseHeader(parsed.data.stdin);
  if (header === undefined) return undefined;
  const { step, checks, confirms } = header;
  if (!checks && confirms.length === 0) return undefined;
  if (stdin instanceof Secret && encrypted) return ENCRYPTED;
  const { create, update = create, logging } = parsed.data;
  const secret = stdin instanceof Secret || logging === "none";
  return { step, checks, confirms, stdin: parsed.data.stdin, update, secret };
}

/** For each resource all that comes before it; `resources` are in the order of the graph. */
function listPredecessors(resources: readonly Registration[]): Map<string, Set<string>> {
  const result = new Map<string, Set<string>>();
  for (const resource of resources) {
    const all = new Set<string>();
    for (const urn of prerequisites(resource)) {
      all.add(urn);
      for (const before of result.get(urn) ?? []) all.add(before);
    }
    result.set(resource.urn, all);
  }
  return result;
}
