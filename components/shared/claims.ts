/**
 * For a claim whose volume names it. It is bound at once, whatever its class says, and Pulumi waits five minutes for a
 * claim of a class with WaitForFirstConsumer to be pending, in vain where it is bound before Pulumi looks.
 */
export const CLAIM_ANNOTATIONS = { "pulumi.com/skipAwait": "true" } as const;

/** A claim's folder, below that of its class: the same one for a claim of the same name, so that it finds its data again. */
export function claimFolder(namespace: string, claim: string): string {
  // No name of either has an underscore.
  return `${namespace}_${claim}`;
}
