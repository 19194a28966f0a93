import * as pulumi from "@pulumi/pulumi";
import { buildCluster } from "../../stacks/cluster";
import type { Site } from "../../stacks/site";
import { recordGraph, type Recorded } from "./mocks";

/** Values of secrets that no plain input may hold. */
export const SECRETS: Readonly<Record<string, string>> = {
  bmcPassword: "s3cret-of-the-bmc",
  jellyfinApiKey: "s3cret-of-jellyfin",
};

// What later steps read of an earlier one's output is a public key; the kubeconfig's text does not matter here.
const PUBLIC_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKdYdLPMmVc3ycEHwUnzWkrO9LWVmTmG0LJZJ1M8dHyC test";

const PASSWORD = "random:index/randomPassword:RandomPassword";

const JOIN_SECRETS = JSON.stringify({ token: "t", caHash: "h", certificateKey: "k" });

/** Everything that the program registers for a site, under Pulumi's mocks. */
export function recordStack(site: Site, secrets = SECRETS): Promise<Recorded[]> {
  const build = (): unknown =>
    buildCluster({
      name: "test",
      site,
      warnings: [],
      secrets: (name) => {
        const value = name === undefined ? undefined : secrets[name];
        return value === undefined ? undefined : pulumi.secret(value);
      },
    });
  return recordGraph(build, (type, name) => {
    if (type === PASSWORD)
      return { result: name === "bootstrap-encryption-key" ? "a".repeat(64) : "generated" };
    // What else is made by chance has its value as its ID, which Pulumi's state holds as it is.
    if (type.startsWith("random:")) throw new Error(`${name} is a ${type}: use a RandomPassword`);
    // The provider names what the program does not.
    if (name === "monitoring-ipmi-config") return { metadata: { name: `${name}-0` } };
    if (type !== "command:remote:Command") return {};
    return { stdout: name === "bootstrap-token" ? JOIN_SECRETS : PUBLIC_KEY, stderr: "" };
  });
}

/** Names of everything that `resource` waits for, directly or not. */
export function ancestorsOf(graph: readonly Recorded[], name: string): Set<string> {
  const byName = new Map(graph.map((resource) => [resource.name, resource]));
  const seen = new Set<string>();
  const visit = (current: string): void => {
    for (const next of byName.get(current)?.dependencies ?? []) {
      if (!seen.has(next)) {
        seen.add(next);
        visit(next);
      }
    }
  };
  visit(name);
  return seen;
}
