import http from "node:http";
import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { CERTIFICATE } from "../../components/platform/certificates/names";
import { NAMESPACE as INGRESS_NAMESPACE } from "../../components/platform/ingress/names";
import type { Site } from "../../stacks/site";
import { waitFor } from "../rig/wait";
import { judgePlatform } from "../unit/platform/platform-checks";
import { LOAD_BALANCER, platformSite } from "../unit/platform/sites";
import { applyCrds, PLATFORM_GROUPS } from "./crds";
import { Daemon } from "./daemon";
import type { KubeObject } from "./kube-object";
import { requireLan } from "./lan";
import { applyObjects } from "./plan-objects";
import type { TestCluster } from "./test-cluster";
import { toolPath } from "./tools";
import { onLan, renderArgs, renderChartObjects, renderGrafana } from "./traefik";
import { ask, type WebAnswer } from "./web";

const ADDRESS = "192.168.8.230";
const [PODS, TRAEFIK, GRAFANA] = ["10.244.0.0/16", "10.244.1.80", "10.244.1.30"];

/** A stack with a certificate of these settings, and Grafana under a name that it is for. */
export function certifiedSite(certificates: object): Site {
  return platformSite(
    {
      ...{ domain: "rowan.se", internalDomain: "int.rowan.se", loadBalancer: LOAD_BALANCER },
      ...{ ingress: { address: ADDRESS }, certificates },
    },
    [["monitoring", "grafana"], { host: "grafana" }],
  );
}

/** How the controllers are started: see Internet in acme.ts. */
export interface ControllersArgs {
  readonly dns?: string;
  readonly through?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

const secret = z.object({ data: z.object({ "tls.crt": z.string() }) });

/** cert-manager's controllers, Traefik, and Grafana behind it: programs on this machine in the place of their pods. */
export class Certified {
  private readonly grafana = http.createServer((_, response) => response.end("this is Grafana"));
  private judged: { seen: string; lines: readonly string[] } = { seen: "", lines: [] };
  private controllers: Daemon | undefined;
  private traefik: Daemon | undefined;

  /** For a mocha `before`, which has asked for the programs; leaves tests pending where the network is not ours. */
  static async prepare(
    context: Mocha.Context,
    cluster: TestCluster,
    site: Site,
  ): Promise<Certified> {
    await requireLan(context, `${ADDRESS}/32`, PODS);
    await applyCrds(cluster, ...PLATFORM_GROUPS);
    return new Certified(cluster, site);
  }

  private constructor(
    private readonly cluster: TestCluster,
    private readonly site: Site,
  ) {}

  /** Starts all of it, once the plan's own objects are there. */
  async start({ dns = "127.0.0.1:53", ...how }: ControllersArgs = {}): Promise<void> {
    const { cluster } = this;
    const chart = renderChartObjects(ADDRESS, PODS);
    await applyObjects(cluster, [...chart, ...renderGrafana(GRAFANA)]);
    this.controllers = new Daemon({
      folder: cluster.folder,
      program: toolPath("certificates"),
      args: [cluster.kubeconfig, "127.0.0.1:9402", dns],
      ...how,
    });
    await new Promise<void>((resolve) => this.grafana.listen(3000, GRAFANA, resolve));
    this.traefik = new Daemon({
      folder: cluster.folder,
      program: toolPath("traefik"),
      args: renderArgs(...onLan(ADDRESS, TRAEFIK, PODS)),
      env: { KUBECONFIG: cluster.kubeconfig },
    });
  }

  async stop(): Promise<void> {
    await Promise.all([this.controllers?.stop(), this.traefik?.stop()]);
    this.grafana.close();
  }

  assertRunning(): void {
    this.controllers?.assertRunning();
    this.traefik?.assertRunning();
  }

  untilValidateSays(words: RegExp): Promise<string> {
    return waitFor(
      `validate to say ${String(words)}`,
      async () => (await this.validate()).find((line) => words.test(line)),
      60_000,
    );
  }

  /** As somebody's browser, which trusts an authority's root and nothing else. */
  browse(ca: string): Promise<WebAnswer> {
    this.assertRunning();
    return ask("https://grafana.int.rowan.se/", { at: ADDRESS, ca });
  }

  /** The first certificate of a Secret: that of all names by default. */
  async shown(name: string = CERTIFICATE, namespace = INGRESS_NAMESPACE): Promise<X509Certificate> {
    const at = `/api/v1/namespaces/${namespace}/secrets/${name}`;
    const { data } = secret.parse(await this.cluster.api.get(at));
    return new X509Certificate(Buffer.from(data["tls.crt"], "base64"));
  }

  /** Waits for another certificate in its place. */
  renewed(before: X509Certificate, patience: number): Promise<X509Certificate> {
    return waitFor(
      "another certificate",
      async () => {
        this.assertRunning();
        const now = await this.shown();
        return now.serialNumber !== before.serialNumber && now;
      },
      patience,
    );
  }

  /** What `vmstation validate platform` says now. */
  private async validate(): Promise<readonly string[]> {
    this.assertRunning();
    const list = async (path: string) => ({ ok: await this.cluster.api.get(path) });
    const sources = {
      issuers: await list("/apis/cert-manager.io/v1/clusterissuers"),
      issuedCertificates: await list("/apis/cert-manager.io/v1/certificates"),
      challenges: await list("/apis/acme.cert-manager.io/v1/challenges"),
    };
    // Only what is new is worth a run of the checks.
    const seen = JSON.stringify(sources);
    if (seen !== this.judged.seen)
      this.judged = { seen, lines: judgePlatform(this.site, [sources])[0] ?? [] };
    return this.judged.lines;
  }
}

/** Of the plan's objects, those that a certificate is made by, and the names that it is for. */
export function isOfCertificate({ kind, apiVersion }: KubeObject): boolean {
  return ["Namespace", "Ingress"].includes(kind) || apiVersion.startsWith("cert-manager.io");
}
