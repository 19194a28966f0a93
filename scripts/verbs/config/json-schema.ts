import { z } from "zod";

/** A secret, as the Pulumi CLI writes it, or plain where somebody has not encrypted it yet. */
const FLAT_KEY = {
  anyOf: [
    { type: ["string", "number", "boolean"] },
    {
      type: "object",
      properties: { secure: { type: "string" } },
      required: ["secure"],
      additionalProperties: false,
    },
  ],
};

/**
 * The JSON Schema of a stack's file, by which an editor completes and explains keys. It accepts everything that the
 * program accepts, and less strictly: what needs several keys to be judged is left to `vmstation plan`.
 */
export function renderStackSchema(schema: z.ZodObject): object {
  const layers = Object.entries(schema.shape).map(
    ([name, layer]) => [`vmstation:${name}`, layer] as const,
  );
  const file = z.object({
    config: z.object(Object.fromEntries(layers)).meta({
      required: [],
      // Other keys of this project are secrets; those of other projects and of providers are not ours to judge.
      patternProperties: { "^(?!vmstation:)": {} },
      additionalProperties: FLAT_KEY,
    }),
  });
  return {
    title: "A stack of VMStation",
    ...z.toJSONSchema(file, {
      io: "input",
      target: "draft-7",
      unrepresentable: "any",
      override: ({ jsonSchema }) => {
        // zod's own name for .startsWith(): no format of JSON Schema. The pattern beside it says the same.
        if (jsonSchema.format === "starts_with") delete jsonSchema.format;
      },
    }),
  };
}
