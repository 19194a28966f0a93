/**
 * For a claim whose volume names it. It is bound at once, whatever its class says, and Pulumi waits five minutes for a
 * claim of a class with WaitForFirstConsumer to be pending, in vain where it is bound before Pulumi looks.
 */
export const CLAIM_ANNOTATIONS = { "pulumi.com/skipAwait": "true" } as const;
