import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { waitFor } from "../rig/wait";
import { conditionOf, kubeObject, type KubeObject } from "./kube-object";
import type { TestCluster } from "./test-cluster";
import { moduleFolder } from "./tools";

const CALICO = path.join(__dirname, "files", "calico-crds.yaml");

/** The objects of a YAML file; documents without content are left out. */
export function parseObjects(text: string): KubeObject[] {
  return parseAllDocuments(text, { logLevel: "silent" })
    .map((document) => z.unknown().parse(document.toJS()))
    .filter((object) => object !== null && object !== undefined)
    .map((object) => kubeObject.parse(object));
}

/** What the homelab's objects need beside Calico's kinds; the platform's parts bring their own. */
const HOMELAB = ["monitoring.coreos.com"];
export const GITOPS_GROUPS = ["argoproj.io"];
export const PLATFORM_GROUPS = ["metallb.io", "cert-manager.io", "acme.cert-manager.io"];

/** The resource definitions of some groups, each in a file GROUP_KINDS.yaml, and Calico's. */
export function readCrds(groups: readonly string[] = HOMELAB): KubeObject[] {
  const folder = moduleFolder("crds");
  const files = readdirSync(folder)
    .filter((name) => groups.includes(name.split("_")[0] ?? ""))
    .map((name) => path.join(folder, name));
  return [...files, CALICO].flatMap((file) => parseObjects(readFileSync(file, "utf8")));
}

/** The API server makes one after the other served, which takes seconds on a quiet machine. */
const BUSY = 120_000;

/** Applies them and waits until the API server serves what they define. */
export async function applyCrds(cluster: TestCluster, ...others: readonly string[]): Promise<void> {
  const crds = readCrds([...HOMELAB, ...others]);
  await Promise.all(crds.map((crd) => cluster.api.apply(crd)));
  for (const crd of crds) {
    const path = await cluster.api.pathOf(crd);
    const isServed = async (): Promise<boolean> =>
      conditionOf(await cluster.api.get(path), "Established") === "True";
    await waitFor(`${crd.metadata.name} to be served`, isServed, BUSY);
  }
}
