import { z } from "zod";
import { oneKind } from "../shared/scalars";
import { DEFAULT_METHOD, METHODS, OTHER_METHODS } from "./methods";

const names = METHODS.map(({ name }) => name);

export const bootstrapSchema = z
  .discriminatedUnion(
    "method",
    [DEFAULT_METHOD.schema, ...OTHER_METHODS.map(({ schema }) => schema)],
    { error: oneKind("method", names) },
  )
  .prefault({ method: DEFAULT_METHOD.name })
  .describe("How the cluster is installed");

export type BootstrapConfig = z.infer<typeof bootstrapSchema>;
