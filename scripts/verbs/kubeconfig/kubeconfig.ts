import { parse, stringify } from "yaml";
import { z } from "zod";
import { UserError } from "../../kit/user-error";

const named = z.looseObject({ name: z.string() });
const list = z
  .array(named)
  .nullish()
  .transform((entries) => entries ?? []);

/** A kubeconfig, as far as merging goes; what else it holds is kept. */
const kubeconfigSchema = z.looseObject({
  clusters: list,
  users: list,
  contexts: list,
  "current-context": z.string().nullish(),
});

export type Kubeconfig = z.infer<typeof kubeconfigSchema>;

const contextSchema = z.looseObject({
  name: z.string(),
  context: z.looseObject({ cluster: z.string(), user: z.string() }),
});
const clusterSchema = z.looseObject({ cluster: z.looseObject({ server: z.string() }) });

/** Reads a kubeconfig; an empty text is one without entries. `where` is for the error. */
export function parseKubeconfig(text: string, where: string): Kubeconfig {
  const { data } = kubeconfigSchema.safeParse(parseYaml(text) ?? {});
  if (data === undefined) throw new UserError(`${where} is not a kubeconfig. Nothing was changed.`);
  return data;
}

function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    // The parser's message would quote the file, which holds keys.
    return "no YAML";
  }
}

/**
 * The current context of a cluster's own kubeconfig, alone and under a name that says which cluster it is: an
 * installer's names ("kubernetes", "default") are the same in every homelab. `server` is where other computers reach it.
 */
export function renameContext(config: Kubeconfig, name: string, server: string): Kubeconfig {
  const current = config["current-context"];
  const found = config.contexts.find((entry) => entry.name === current);
  const { data: context } = contextSchema.safeParse(found);
  const cluster = clusterSchema.safeParse(
    config.clusters.find((entry) => entry.name === context?.context.cluster),
  ).data;
  const user = config.users.find((entry) => entry.name === context?.context.user);
  if (context === undefined || cluster === undefined || user === undefined) {
    throw new UserError(
      "The cluster's kubeconfig has no current context with a cluster and a user.",
    );
  }
  const userName = `${name}-admin`;
  return {
    clusters: [{ name, cluster: { ...cluster.cluster, server } }],
    users: [{ ...user, name: userName }],
    contexts: [{ name, context: { ...context.context, cluster: name, user: userName } }],
    "current-context": name,
  };
}

/**
 * `added` within `existing`: entries of the same name are replaced, all others stay as they are. The current context
 * changes only where there is none, or where `use` says so.
 */
export function mergeKubeconfig(existing: Kubeconfig, added: Kubeconfig, use: boolean): Kubeconfig {
  const merge = (key: "clusters" | "users" | "contexts"): Kubeconfig["users"] => {
    const names = added[key].map(({ name }) => name);
    return [...existing[key].filter(({ name }) => !names.includes(name)), ...added[key]];
  };
  const current = existing["current-context"];
  const hasCurrent = current != null && current !== "" && !use;
  return {
    ...existing,
    clusters: merge("clusters"),
    users: merge("users"),
    contexts: merge("contexts"),
    "current-context": hasCurrent ? current : added["current-context"],
  };
}

/** As kubectl reads it: its parser takes YAML 1.1's "yes" and "on" for booleans, so such words are quoted. */
export function renderKubeconfig(config: Kubeconfig): string {
  const ordered = { apiVersion: "v1", kind: "Config", ...config };
  return stringify(ordered, { version: "1.1", lineWidth: 0 });
}
