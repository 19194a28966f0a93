import { z } from "zod";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Left out: when and by which line of the program a resource came to be. */
const NOISE = new Set(["created", "modified", "sourcePosition", "stackTrace"]);

const resourceSchema = z.looseObject({
  ...{ urn: z.string(), type: z.string() },
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});
const exportSchema = z.looseObject({
  version: z.number(),
  deployment: z.looseObject({ resources: z.array(resourceSchema) }),
});

/**
 * A `pulumi stack export --show-secrets` as it is kept for tests: without any secret and without what differs from one
 * recording to the next. Of outputs only what is not among the inputs, and of a command's nothing else than its words.
 */
export function stripState(text: string): { version: number; resources: { urn: string }[] } {
  const { version, deployment } = exportSchema.parse(JSON.parse(text));
  const resources = deployment.resources.map((resource) => {
    const kept = Object.entries(resource).filter(([key]) => !NOISE.has(key));
    const { outputs } = resource;
    const stripped = {
      ...Object.fromEntries(kept.map(([key, value]) => [key, redact(value)])),
      urn: resource.urn,
    };
    return outputs === undefined
      ? stripped
      : { ...stripped, outputs: redact(stripOutputs(resource.type, outputs)) };
  });
  return { version, resources };
}

function stripOutputs(type: string, outputs: Record<string, unknown>): Record<string, unknown> {
  if (type === "pulumi:pulumi:Stack") return outputs;
  const words = ["stdout", "stderr"].filter((key) => key in outputs);
  return Object.fromEntries(words.map((key) => [key, outputs[key]]));
}

/** A secret's place is kept; of a connection also what is in it beside the keys. */
function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== "object" || value === null) return value;
  const map = new Map(Object.entries(value));
  if (map.get(SIGNATURE) !== SECRET) {
    return Object.fromEntries([...map].map(([key, each]) => [key, redact(each)]));
  }
  const connection = connectionSchema.safeParse(parsePlain(map.get("plaintext")));
  const plain = connection.success ? connection.data : "SECRET";
  return { [SIGNATURE]: SECRET, plaintext: JSON.stringify(plain) };
}

const connectionSchema = z.object({
  ...{ host: z.string(), port: z.number(), user: z.string() },
  ...{ dialErrorLimit: z.number(), perDialTimeout: z.number() },
});

function parsePlain(text: unknown): unknown {
  return typeof text === "string" ? JSON.parse(text) : undefined;
}
