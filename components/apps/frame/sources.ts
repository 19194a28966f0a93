import * as path from "node:path";
import { chartSourcesSchema, type ChartSources } from "../../shared/charts";

export { renderImage, renderRepository } from "../../shared/charts";

/** Minecraft alone may need ten minutes to make its first world. */
export const sourcesSchema = chartSourcesSchema("15m");

export type AppSources = ChartSources;

/**
 * Arguments of a Release whose chart writes `replicas` whatever its values say, and whose values have null for it.
 * The path is relative, so that the state is the same in every clone.
 */
export function leaveReplicasOut(): { postrender: string; allowNullValues: true } {
  const script = path.join(__dirname, "files/leave-replicas-out.sh");
  return { postrender: `./${path.relative(process.cwd(), script)}`, allowNullValues: true };
}
