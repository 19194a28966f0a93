import type { Site } from "./site";

/**
 * The provider refuses to make an object that is there, so that none of somebody else's is changed. An app that comes back
 * from Git has its objects there: only for the update that takes it back, they are taken over as they are.
 */
export function takeOver({ config }: Pick<Site, "config">): { upsertExistingObjects?: true } {
  const steps = Object.values(config.gitops?.apps ?? {});
  return steps.includes("taken-back") ? { upsertExistingObjects: true } : {};
}
