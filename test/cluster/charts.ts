import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { TestCluster } from "./test-cluster";

const CHART = path.join(__dirname, "files", "chart");

/** Helm, and a folder to work in. */
type Helm = Pick<TestCluster, "folder" | "helm">;

/** A chart of our own under the name and version of another. */
export interface TestChart {
  readonly name: string;
  readonly version: string;
  readonly kind: "Deployment" | "DaemonSet";
  /** Whether its pods never become ready. */
  readonly stuck?: boolean;
}

/** A repository of charts on loopback, filled while it is open. */
export class ChartRepository {
  private constructor(
    private readonly cluster: Helm,
    private readonly server: Server,
    /** "http://127.0.0.1:40000" */
    readonly url: string,
    private readonly folder: string,
  ) {}

  static async open(cluster: Helm): Promise<ChartRepository> {
    const folder = path.join(cluster.folder, "charts");
    mkdirSync(folder);
    const server = createServer((request, response) => {
      const file = path.join(folder, path.basename(request.url ?? ""));
      if (existsSync(file)) response.end(readFileSync(file));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    return new ChartRepository(cluster, server, `http://127.0.0.1:${port ?? 0}`, folder);
  }

  /** Adds a chart of our own. */
  async add({ name, version, kind, stuck = false }: TestChart): Promise<void> {
    const source = path.join(this.cluster.folder, "sources", name);
    cpSync(CHART, source, { recursive: true });
    writeFileSync(path.join(source, "Chart.yaml"), stringify({ apiVersion: "v2", name, version }));
    writeFileSync(path.join(source, "values.yaml"), stringify({ testChart: { kind, stuck } }));
    await this.addFolder(source);
  }

  /** Adds a chart as it lies in a folder, its dependencies with it. */
  async addFolder(source: string): Promise<void> {
    await this.cluster.helm(["package", source, "--destination", this.folder]);
    await this.index();
  }

  /** Takes a version of a chart back. */
  async withdraw(name: string, version: string): Promise<void> {
    rmSync(path.join(this.folder, `${name}-${version}.tgz`));
    await this.index();
  }

  private async index(): Promise<void> {
    await this.cluster.helm(["repo", "index", this.folder, "--url", this.url]);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

const chartFile = z.object({ name: z.string(), version: z.string() });

/** Name and version of the chart in a folder; undefined where there is none. */
export function readChart(folder: string): z.infer<typeof chartFile> | undefined {
  const file = path.join(folder, "Chart.yaml");
  return existsSync(file) ? chartFile.parse(parse(readFileSync(file, "utf8"))) : undefined;
}
