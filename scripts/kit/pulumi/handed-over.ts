import { z } from "zod";
import { isWorkload } from "../../../components/apps/frame/workload-resources";
import { parseUrn } from "../../engine/urn";
import { renderCommand } from "../advice";
import { isMap } from "../stack-file/stack-config";
import type { Resource, Resources, Wanted } from "./resources";

const HOSTED = "vmstation:apps:";

/** Names that are shown of an app; the rest is counted. */
const SHOWN = 3;

const stateSchema = z.object({
  custom: z.boolean().prefault(false),
  parent: z.string().optional(),
  retainOnDelete: z.boolean().prefault(false),
});

/**
 * Why an update must not run, one text for each app whose objects it would delete because no update before it has
 * prepared them. Whether an object stays in the cluster is read from the state, not from the program, which has it no more.
 */
export function findUnprepared(resources: Resources, { config, project, stack }: Wanted): string[] {
  const gitops = config.get(`${project}:gitops`);
  const apps = isMap(gitops) && isMap(gitops.apps) ? gitops.apps : {};
  const handedOver = Object.keys(apps).filter((name) => apps[name] === "handed-over");
  if (handedOver.length === 0) return [];
  return handedOver.flatMap((app) => {
    const lost = listUnprepared(resources, app);
    return lost.length === 0 ? [] : [renderUnprepared(app, lost, stack)];
  });
}

/** Names of what would be deleted from the cluster with the app's leaving the program. */
export function listUnprepared(resources: Resources, app: string): string[] {
  const parents = new Map(
    resources.map((each) => [each.urn, stateSchema.safeParse(each).data?.parent]),
  );
  return resources
    .filter((each) => isBelow(each.urn, app, parents) && isDeleted(each, app))
    .map(({ urn }) => parseUrn(urn).name);
}

function isDeleted(resource: Resource, app: string): boolean {
  const { data } = stateSchema.safeParse(resource);
  if (data?.custom !== true || data.retainOnDelete) return false;
  return isWorkload(app, { name: parseUrn(resource.urn).name, type: resource.type });
}

/** Whether it belongs to the app's component, over however many others. */
function isBelow(
  urn: string,
  app: string,
  parents: ReadonlyMap<string, string | undefined>,
): boolean {
  for (let at = parents.get(urn); at !== undefined; at = parents.get(at)) {
    const { name, type } = parseUrn(at);
    if (name === `apps-${app}` && type.startsWith(HOSTED)) return true;
  }
  return false;
}

function renderUnprepared(app: string, lost: readonly string[], stack: string): string {
  const more = lost.length > SHOWN ? ` and ${lost.length - SHOWN} more` : "";
  return (
    `gitops.apps.${app} is handed-over, but no update has prepared it: ${lost.slice(0, SHOWN).join(", ")}${more} would be ` +
    `deleted from the cluster. Write prepared instead, let it be done by this command, and then write handed-over:\n` +
    `  ${renderCommand({ stack }, "up")}`
  );
}
