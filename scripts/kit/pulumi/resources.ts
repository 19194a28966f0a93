import { z } from "zod";
import type { StackConfig } from "../stack-file/stack-config";

/** Read loosely: what else a newer CLI writes is none of this. */
export const resourceSchema = z.looseObject({ urn: z.string(), type: z.string() });

/** An entry of a stack's state. */
export type Resource = z.infer<typeof resourceSchema>;
export type Resources = readonly Resource[];

/** What an update is to reach, and the project whose keys the configuration has. */
export interface Wanted {
  readonly config: StackConfig;
  readonly project: string;
  readonly stack: string;
}
