/** How the name of the key ends by which a cluster by kubeadm encrypts Secrets. */
export const KEY_NAME = "-encryption-key";

const FORMER = /^(.+)-encryption$/;
const OWNER = "vmstation:bootstrap:Kubeadm";
const FORMER_TYPE = `${OWNER}$random:index/randomBytes:RandomBytes`;

/** What today's program declares in the place of an earlier version's resource. */
export interface KeySuccessor {
  readonly qualifiedType: string;
  readonly type: string;
  readonly name: string;
}

const TYPE = "random:index/randomPassword:RandomPassword";

/**
 * Reads the type, with those of its parents, and the name of a resource: undefined if it is no key of an earlier version.
 * There it was random bytes, whose ID is the key itself, and is not encrypted in the state.
 */
export function parseFormerKey(qualifiedType: string, name: string): KeySuccessor | undefined {
  const [, cluster] = FORMER.exec(name) ?? [];
  if (cluster === undefined || !isFormerType(qualifiedType)) return undefined;
  const parents = qualifiedType.slice(0, qualifiedType.lastIndexOf("$"));
  return { qualifiedType: `${parents}$${TYPE}`, type: TYPE, name: `${cluster}${KEY_NAME}` };
}

function isFormerType(qualifiedType: string): boolean {
  return qualifiedType === FORMER_TYPE || qualifiedType.endsWith(`$${FORMER_TYPE}`);
}
