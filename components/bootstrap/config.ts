import { z } from "zod";
import { DEFAULT_METHOD, METHODS, OTHER_METHODS } from "./methods";

const names = METHODS.map(({ name }) => name);

export const bootstrapSchema = z
  .discriminatedUnion(
    "method",
    [DEFAULT_METHOD.schema, ...OTHER_METHODS.map(({ schema }) => schema)],
    `method ${names.slice(0, -1).join(", ")} or ${names.at(-1) ?? ""}`,
  )
  .prefault({ method: DEFAULT_METHOD.name })
  .describe("How the cluster is installed");

export type BootstrapConfig = z.infer<typeof bootstrapSchema>;
