import { z } from "zod";

const planSchema = z.object({
  resources: z.array(
    z.object({
      urn: z.string(),
      type: z.string(),
      parent: z.string().nullable(),
      inputs: z.record(z.string(), z.unknown()),
    }),
  ),
});

const metadataSchema = z.object({ name: z.unknown(), namespace: z.unknown() });

/**
 * Of a `vmstation plan --json` what no machine of the recording had: names, types, and what says which thing in the
 * cluster or on a machine it is.
 */
export function stripPlan(text: string, recorded: ReadonlySet<string>): object[] {
  return planSchema
    .parse(JSON.parse(text))
    .resources.filter(({ urn }) => !recorded.has(urn))
    .map(({ urn, type, parent, inputs }) => {
      const metadata = metadataSchema.safeParse(inputs.metadata);
      const kept = {
        ...(typeof inputs.stdin === "string" ? { stdin: stripScript(inputs.stdin) } : {}),
        ...(typeof inputs.delete === "string" ? { delete: inputs.delete } : {}),
        ...(metadata.success ? { metadata: metadata.data } : {}),
      };
      return { urn, type, ...(parent === null ? {} : { parent }), inputs: kept };
    });
}

/** Of a script on which machine it is, and which steps it does. */
function stripScript(stdin: string): string {
  const lines = stdin.split("\n").filter((line, index) => index === 0 || /^ {2}STEP=/.test(line));
  return `${lines.join("\n")}\n`;
}
