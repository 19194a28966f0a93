import type { GitopsConfig } from "./config";
import { API_SERVER, CONTROLLER, NAMESPACE, SERVER } from "./names";
import { filledNamespaces } from "./namespaces";

/** A role in one namespace, and who has it. */
export interface RoleGrant {
  /** Part of its logical name: "mqtt-controller". */
  readonly name: string;
  readonly namespace: string;
  readonly account: string;
  readonly rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}

const LOOK = ["get", "list", "watch"];

/** Everything in the namespaces that it fills, but not their limits; its page looks at them and at logs. */
export function renderGrants(config: Pick<GitopsConfig, "namespaces" | "apps">): RoleGrant[] {
  return filledNamespaces(config).flatMap((namespace) => [
    {
      name: `${namespace}-controller`,
      ...{ namespace, account: CONTROLLER },
      rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
    },
    {
      name: `${namespace}-server`,
      ...{ namespace, account: SERVER },
      rules: [
        { apiGroups: ["*"], resources: ["*"], verbs: LOOK },
        { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
      ],
    },
  ]);
}

/** The cluster as Argo CD knows it: these namespaces, and nothing that is in none. */
export function renderClusterSecret(config: Pick<GitopsConfig, "namespaces" | "apps">) {
  return {
    name: "in-cluster",
    server: API_SERVER,
    namespaces: [NAMESPACE, ...filledNamespaces(config)].join(","),
    clusterResources: "false",
    config: JSON.stringify({ tlsClientConfig: { insecure: false } }),
  };
}
