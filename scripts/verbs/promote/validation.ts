import { z } from "zod";
import { parseJson } from "../../kit/parse-json";

const checkSchema = z.object({
  group: z.string(),
  name: z.string(),
  status: z.string(),
  found: z.string(),
});

/** The stack's output `validation`: what the checks at the end of the graph found. */
const validationSchema = z.object({
  /** pass, fail or error. */
  status: z.string(),
  checks: z.array(checkSchema),
});

export type ValidationReport = z.infer<typeof validationSchema>;

/**
 * Reads `pulumi stack output validation --json`: a JSON document in a JSON string. Undefined for
 * anything else, such as the output of a stack that was never applied.
 */
export function parseValidation(text: string): ValidationReport | undefined {
  const output = parseJson(text);
  const report = typeof output === "string" ? parseJson(output) : output;
  return validationSchema.safeParse(report).data;
}

/** The checks that did not pass, one line each. */
export function renderFailures({ checks }: ValidationReport): string[] {
  return checks
    .filter(({ status }) => status !== "pass")
    .map(({ group, name, found }) => `${group}: ${name}: ${found}`);
}
