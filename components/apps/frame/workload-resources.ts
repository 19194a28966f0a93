/** What the frame itself makes of an app in the cluster, by the end of its name after "apps-NAME-". */
const FRAMES_NAMES = /^(quota|limits|alerts|monitor|closed|held|held-slice|route(-.+)?)$/;

/** What it makes in any number. */
const FRAMES_TYPES = /^kubernetes:core\/v1:PersistentVolume(Claim)?$/;

/** A resource of the app's, as Pulumi's state has it. */
export interface AppResource {
  /** "apps-notes-deployment-notes". */
  readonly name: string;
  /** "kubernetes:apps/v1:Deployment". */
  readonly type: string;
}

/** Whether a resource below an app's component is an object that its `deploy` makes: these leave with a handover. */
export function isWorkload(app: string, { name, type }: AppResource): boolean {
  if (!type.startsWith("kubernetes:") || FRAMES_TYPES.test(type)) return false;
  const own = `apps-${app}-`;
  return !(name.startsWith(own) && FRAMES_NAMES.test(name.slice(own.length)));
}
