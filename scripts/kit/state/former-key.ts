import { z } from "zod";
import { parseFormerKey } from "../../../components/bootstrap/former-key";
import { version } from "../../../stacks/version";
import { parseUrn, STACK_TYPE } from "../../engine/urn";
import { UserError } from "../user-error";
import type { Deployment, StateResource } from "./deployment";
import { relink } from "./relink";

/** A key of an earlier version, whose ID is the key itself, and what takes its place. */
export interface FormerKey {
  readonly former: StateResource;
  readonly type: string;
  readonly urn: string;
  /** Whether the state has that one too: somebody has run an update that made another key. */
  readonly isThere: boolean;
}

export function findFormerKeys({ resources }: Deployment): FormerKey[] {
  const all = resources ?? [];
  return all.flatMap((former) => {
    const found = successorOf(former.urn);
    if (found === undefined) return [];
    return [{ former, ...found, isThere: all.some(({ urn }) => urn === found.urn) }];
  });
}

/** URN and type of what takes the place of a key of an earlier version; undefined of anything else. */
export function successorOf(urn: string): { urn: string; type: string } | undefined {
  const { qualifiedType, name } = parseUrn(urn);
  const successor = parseFormerKey(qualifiedType, name);
  if (successor === undefined) return undefined;
  const start = urn.slice(0, -`${qualifiedType}::${name}`.length);
  return { urn: `${start}${successor.qualifiedType}::${successor.name}`, type: successor.type };
}

/**
 * The state with each key of an earlier version in the form of today's, as the cluster has it: where another one was made
 * since, the former one takes its place. The key stays encrypted as it is, and nothing reads it.
 */
export function convertKeys(deployment: Deployment): Deployment {
  const { resources } = deployment;
  const keys = findFormerKeys(deployment);
  if (resources == null || keys.length === 0) return deployment;
  const successors = new Map(keys.map(({ former, urn }) => [former.urn, urn] as const));
  const done = new Set<string>();
  const converted = resources.flatMap((resource) => {
    const key = keys.find(({ former, urn }) => [former.urn, urn].includes(resource.urn));
    if (key === undefined) return [relink(markVersion(resource), successors)];
    // In the place of the first of the two: what waits for either one comes after it.
    if (done.has(key.urn)) return [];
    done.add(key.urn);
    return [convert(key, resource)];
  });
  return { ...deployment, resources: converted };
}

/** An earlier version would make another key, and refuses a state that a later one has applied. */
function markVersion(resource: StateResource): StateResource {
  if (resource.type !== STACK_TYPE) return resource;
  const { outputs } = resource;
  const others = typeof outputs === "object" && outputs !== null ? outputs : {};
  return { ...resource, outputs: { ...others, version } };
}

const LENGTH = 44;
const INPUTS = { length: LENGTH, special: false };

/** As the provider of random passwords, in its third form of state, has them. */
const OUTPUTS = {
  __meta: '{"schema_version":"3"}',
  id: "none",
  ...INPUTS,
  ...{ lower: true, upper: true, number: true, numeric: true },
  ...{ minLower: 0, minUpper: 0, minNumeric: 0, minSpecial: 0 },
};

/** Of an entry, what is not about the value: any other field may hold the key, as an import's ID does. */
const KEPT = ["custom", "parent", "provider", "protect", "created", "modified"];

/** `place` is the entry whose place the key takes in the state's order, with its provider and its protection. */
function convert({ former, urn, type }: FormerKey, place: StateResource): StateResource {
  const kept = Object.entries(place).filter(([name]) => KEPT.includes(name));
  return {
    ...Object.fromEntries(kept),
    ...{ urn, type, id: "none" },
    inputs: INPUTS,
    outputs: { ...OUTPUTS, result: encryptedKey(former) },
    dependencies: [],
    propertyDependencies: { length: [], special: [] },
    additionalSecretOutputs: ["bcryptHash", "result"],
  };
}

const secretSchema = z.strictObject({
  "4dabf18193072939515e22adb298388d": z.literal("1b47061264138c4ac30d75fd1eb44270"),
  ciphertext: z.string().optional(),
  plaintext: z.string().optional(),
});
const outputsSchema = z.looseObject({ base64: secretSchema });

function encryptedKey({ urn, outputs }: StateResource): z.infer<typeof secretSchema> {
  const parsed = outputsSchema.safeParse(outputs);
  if (parsed.success) return parsed.data.base64;
  throw new UserError(
    `${parseUrn(urn).name} cannot be converted: the state has no encrypted key of it.\n` +
      `  Nothing was changed. Bring back a state that has it: docs/updating.md`,
  );
}
