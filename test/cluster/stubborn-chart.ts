import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { stringify } from "yaml";
import type { TestCluster } from "./test-cluster";

/** As Minecraft's chart does it: the key `replicas` is there whatever the values say. */
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  annotations: { note: {{ .Values.note | default "none" | quote }} }
spec:
  replicas: {{ .Values.replicaCount }}
  selector: { matchLabels: { app: {{ .Release.Name }} } }
  template:
    metadata: { labels: { app: {{ .Release.Name }} } }
    spec: { containers: [{ name: x, image: x }] }
`;

/** Makes the chart in a folder of the cluster's, and returns that. */
export function makeStubbornChart(cluster: TestCluster, name: string, version: string): string {
  const chart = path.join(cluster.folder, "stubborn", name);
  mkdirSync(path.join(chart, "templates"), { recursive: true });
  writeFileSync(path.join(chart, "Chart.yaml"), stringify({ apiVersion: "v2", name, version }));
  writeFileSync(path.join(chart, "values.yaml"), "replicaCount: 1\n");
  writeFileSync(path.join(chart, "templates", "deployment.yaml"), DEPLOYMENT);
  return chart;
}

/** Serves one chart as a repository on loopback. */
export async function serveChart(
  cluster: TestCluster,
  chart: string,
): Promise<{ readonly url: string; readonly close: () => void }> {
  const folder = path.dirname(chart);
  const server = createServer((request, response) => {
    const file = path.join(folder, path.basename(request.url ?? ""));
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const url = `http://127.0.0.1:${port}`;
  await cluster.helm(["package", chart, "--destination", folder]);
  await cluster.helm(["repo", "index", folder, "--url", url]);
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url, close };
}
