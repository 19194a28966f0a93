import { z } from "zod";
import type { TestCluster } from "./test-cluster";

/** "patch nodes/hazel", "create pods/x/exec in jellyfin": a verb, and what it is about. */
export interface Access {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** The user that a service account is. */
export function userOf(namespace: string, account: string): string {
  return `system:serviceaccount:${namespace}:${account}`;
}

const review = z.object({ status: z.object({ allowed: z.boolean() }) });

/** Whether the API server would let a service account do it. */
export async function isAllowed(
  cluster: TestCluster,
  user: string,
  access: Access,
): Promise<boolean> {
  const { body } = await cluster.api.call(
    "POST",
    "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user, groups: groupsOf(user), resourceAttributes: access },
    },
  );
  return review.parse(body).status.allowed;
}

function groupsOf(user: string): string[] {
  const [, , namespace = ""] = user.split(":");
  return ["system:authenticated", "system:serviceaccounts", `system:serviceaccounts:${namespace}`];
}

const rules = z.object({
  status: z.object({
    resourceRules: z.array(
      z.object({
        verbs: z.array(z.string()),
        apiGroups: z.array(z.string()).default([]),
        resources: z.array(z.string()).default([]),
        resourceNames: z.array(z.string()).default([]),
      }),
    ),
  }),
});

/** What every account may do: ask the API server about itself. */
const ABOUT_ITSELF = ["authentication.k8s.io", "authorization.k8s.io"];

/**
 * All that a service account may do in a namespace, as the API server lists it: one line for each verb and
 * resource, "patch apps/statefulsets/scale jellyfin". Sorted.
 */
export async function listRights(
  cluster: TestCluster,
  user: string,
  namespace: string,
): Promise<string[]> {
  const client = cluster.api.as(user);
  const { body } = await client.call(
    "POST",
    "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
    {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectRulesReview",
      spec: { namespace },
    },
  );
  client.close();
  const lines = rules
    .parse(body)
    .status.resourceRules.filter(
      ({ apiGroups }) => !apiGroups.some((g) => ABOUT_ITSELF.includes(g)),
    )
    .flatMap(({ verbs, apiGroups, resources, resourceNames }) =>
      verbs.flatMap((verb) =>
        apiGroups.flatMap((group) =>
          resources.map((resource) => {
            const what = group === "" ? resource : `${group}/${resource}`;
            return [verb, what, ...resourceNames].join(" ");
          }),
        ),
      ),
    );
  return [...new Set(lines)].sort();
}
