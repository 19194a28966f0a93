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

/** The resource definitions that the program's objects need: the Prometheus operator's, and Calico's. */
export function readCrds(): KubeObject[] {
  const folder = moduleFolder("crds");
  const files = readdirSync(folder).map((name) => path.join(folder, name));
  return [...files, CALICO].flatMap((file) => parseObjects(readFileSync(file, "utf8")));
}

/** Applies them and waits until the API server serves what they define. */
export async function applyCrds(cluster: TestCluster): Promise<void> {
  const crds = readCrds();
  await Promise.all(crds.map((crd) => cluster.api.apply(crd)));
  for (const crd of crds) {
    const path = await cluster.api.pathOf(crd);
    await waitFor(`${crd.metadata.name} to be served`, async () => {
      return conditionOf(await cluster.api.get(path), "Established") === "True";
    });
  }
}
