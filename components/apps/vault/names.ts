import { ENGINES, type EngineName } from "./engines";

export const NAME = "vault";
export const VAULT_PORT = 8200;

/** Where its members would speak to each other. */
export const CLUSTER_PORT = 8201;

/** The labels of pods that make snapshots, which no Service selects. */
export const SNAPSHOTS = { "app.kubernetes.io/name": `${NAME}-snapshots` } as const;

/** What opens it after a start, once for each key that it wants. */
export function unsealCommand({ engine }: { readonly engine: EngineName }): string {
  return `kubectl -n ${NAME} exec -it ${NAME}-0 -- ${ENGINES[engine].program} operator unseal`;
}
