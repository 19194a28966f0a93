import { z } from "zod";
import { UserError } from "../user-error";

const urns = z.array(z.string()).nullish();

/** A resource of Pulumi's state, as far as it refers to others; the rest is kept as it is. */
const resourceSchema = z.looseObject({
  urn: z.string(),
  type: z.string(),
  parent: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).nullish(),
  dependencies: urns,
  propertyDependencies: z.record(z.string(), urns).nullish(),
  deletedWith: z.string().nullish(),
  replaceWith: urns,
});

const deploymentSchema = z.looseObject({
  resources: z.array(resourceSchema).nullish(),
  pending_operations: z
    .array(z.looseObject({ resource: z.looseObject({ urn: z.string() }) }))
    .nullish(),
});

const exportSchema = z.looseObject({ version: z.literal([3, 4]), deployment: deploymentSchema });

export type StateResource = z.infer<typeof resourceSchema>;
export type Deployment = z.infer<typeof deploymentSchema>;
/** What `pulumi stack export` prints. */
export type StackExport = z.infer<typeof exportSchema>;

/** Reads an export. A form that is not known here is refused rather than guessed at. */
export function parseExport(text: string): StackExport {
  const result = exportSchema.safeParse(JSON.parse(text));
  if (!result.success) {
    throw new UserError(
      `This version of VMStation cannot read the stack's state:\n${z.prettifyError(result.error)}`,
    );
  }
  return result.data;
}
