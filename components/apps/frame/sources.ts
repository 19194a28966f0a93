import * as path from "node:path";
import { chartSourcesSchema, type ChartSources } from "../../shared/charts";
import { pinnedTag, type ImagePin } from "../../versions";

/** Minecraft alone may need ten minutes to make its first world. */
export const sourcesSchema = chartSourcesSchema("15m");

export type AppSources = ChartSources;

/** An image without its tag, "docker.io/jellyfin/jellyfin", at its publisher or in the mirror. */
export function renderRepository(repository: string, sources: AppSources): string {
  if (sources.imageRegistry === undefined) return repository;
  return [sources.imageRegistry, ...repository.split("/").slice(1)].join("/");
}

export function renderImage(image: ImagePin, sources: AppSources): string {
  return `${renderRepository(image.repository, sources)}:${pinnedTag(image)}`;
}

/**
 * Arguments of a Release whose chart writes `replicas` whatever its values say, and whose values have null for it.
 * The path is relative, so that the state is the same in every clone.
 */
export function leaveReplicasOut(): { postrender: string; allowNullValues: true } {
  const script = path.join(__dirname, "files/leave-replicas-out.sh");
  return { postrender: `./${path.relative(process.cwd(), script)}`, allowNullValues: true };
}
