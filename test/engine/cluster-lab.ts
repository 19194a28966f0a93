import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse, stringify } from "yaml";
import { ADDON_LABEL } from "../../components/bootstrap/render-calico";
import { type ChartPin, charts } from "../../components/versions";
import { ChartRepository, type TestChart } from "../cluster/charts";
import { applyCrds } from "../cluster/crds";
import type { KubeObject } from "../cluster/kube-object";
import type { TestCluster } from "../cluster/test-cluster";
import { toolPath } from "../cluster/tools";
import { startCluster } from "../cluster/use-cluster";
import { BootstrapLab, type Description } from "../rig/bootstrap/lab";
import { run } from "../rig/command";
import type { Machine } from "../rig/machine";
import type { Rig } from "../rig/rig";
import { EngineLab, type Update, type UpdateOptions } from "./engine-lab";
import type { Engine } from "./find-engine";

const TREE = path.join(__dirname, "../rig/bootstrap/tree");

/** The run of the checks that ends the graph: they ask pods, and kwok's only seem to run. */
export const CHECKS = "validation-run-maple";

/** Seconds until a release that is not ready is undone. */
const TIMEOUT = "15s";

/**
 * The rig's whole stack in the hands of the engine: its machines, playbooks that stand in for Kubespray's, a real
 * control plane in the control plane machine's network, and charts of our own under the names of the real ones.
 */
export class ClusterLab {
  private constructor(
    readonly rig: Rig,
    readonly cluster: TestCluster,
    readonly charts: ChartRepository,
    private readonly engine: EngineLab,
    private readonly bootstrap: BootstrapLab,
    private readonly tree: string,
  ) {}

  static async start(rig: Rig, engine: Engine, description: Description = {}): Promise<ClusterLab> {
    const control = rig.machine("maple");
    const cluster = await startCluster({ bind: control.address, namespace: control.namespace });
    const tree = mkdtempSync(path.join(tmpdir(), "vmstation-tree-"));
    try {
      await fillCluster(cluster);
      await installTools(control);
      // The owner's own, which the stack only reads.
      await rig.machine("spruce").exec("mkdir /srv/media; echo film >/srv/media/film");
      copyTree(tree, readFileSync(cluster.kubeconfig, "utf8"));
      const repository = await openCharts(cluster);
      const bootstrap = new BootstrapLab(rig, tree);
      await bootstrap.prepare();
      bootstrap.describe(description);
      const lab = await EngineLab.open({
        ...{ engine, stack: "rig", configFile: bootstrap.stackFile },
        env: { SSH_AUTH_SOCK: rig.agentSocket, ...renderHelmFolders(cluster.folder) },
        settings: [`monitoring.charts={repository: "${repository.url}", timeout: ${TIMEOUT}}`],
      });
      return new ClusterLab(rig, cluster, repository, lab, bootstrap, tree);
    } catch (error) {
      rmSync(tree, { recursive: true, force: true });
      await cluster.stop();
      throw error;
    }
  }

  /** Describes machines and bootstrap again; what `set` has changed stays. */
  describe(description: Description): void {
    this.bootstrap.describe(description);
    this.engine.set();
  }

  /** Changes the configuration, as `layer.key=VALUE`. */
  set(...settings: readonly string[]): void {
    this.engine.set(...settings);
  }

  /** Sets a secret of the stack. */
  setSecret(name: string, value: string): Promise<void> {
    return this.engine.setSecret(name, value);
  }

  /** Runs a verb of ours on the stack, as a person does. */
  verb(words: readonly [string, ...string[]]): ReturnType<EngineLab["verb"]> {
    return this.engine.verb(words);
  }

  preview(options: UpdateOptions = {}): Promise<Update> {
    return this.engine.preview({ exclude: [`**::${CHECKS}`], ...options });
  }

  up(options: UpdateOptions = {}): Promise<Update> {
    return this.engine.up({ exclude: [`**::${CHECKS}`], ...options });
  }

  refresh(options: UpdateOptions = {}): Promise<Update> {
    return this.engine.refresh(options);
  }

  destroy(): Promise<Update> {
    return this.engine.destroy();
  }

  /** Runs the CLI itself, as a person does. */
  start(...args: readonly string[]): ReturnType<EngineLab["start"]> {
    return this.engine.start(...args);
  }

  get stateText(): string {
    return this.engine.stateText;
  }

  get temporaryFiles(): string[] {
    return this.engine.temporaryFiles;
  }

  /** The playbooks that ran since the last call, in order. */
  async playbooks(): Promise<string[]> {
    return (await this.bootstrap.received()).map(({ playbook }) => playbook);
  }

  async stop(): Promise<void> {
    this.charts.close();
    this.engine.remove();
    this.bootstrap.remove();
    rmSync(this.tree, { recursive: true, force: true });
    await this.cluster.stop();
  }
}

/** Puts a chart of our own into the repository, under the name and version that the stack asks for. */
export async function addChart(
  repository: ChartRepository,
  { chart, version }: ChartPin,
  more: Partial<TestChart> = {},
): Promise<void> {
  await repository.add({ name: chart, version, kind: "Deployment", ...more });
}

async function openCharts(cluster: TestCluster): Promise<ChartRepository> {
  const repository = await ChartRepository.open(cluster);
  for (const pin of Object.values(charts)) await addChart(repository, pin);
  return repository;
}

/** What Kubespray itself puts into a cluster, as far as the stack asks for it. */
async function fillCluster(cluster: TestCluster): Promise<void> {
  await applyCrds(cluster);
  await cluster.api.apply(renderCoreDns());
}

function renderCoreDns(): KubeObject {
  const labels = { "k8s-app": "kube-dns" };
  const spec = {
    nodeSelector: { [ADDON_LABEL]: "true" },
    tolerations: [{ operator: "Exists" }],
    containers: [{ name: "coredns", image: "registry.invalid/coredns" }],
  };
  return {
    ...{ apiVersion: "apps/v1", kind: "Deployment" },
    metadata: { name: "coredns", namespace: "kube-system" },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

async function installTools({ disk }: Machine): Promise<void> {
  const folder = path.join(disk.root, "usr/local/lib/rig");
  mkdirSync(folder, { recursive: true });
  await run("cp", [toolPath("kubectl"), folder]);
  await run("cp", [path.join(__dirname, "files/ip"), path.join(disk.root, "usr/local/bin")]);
}

/** The rig's playbooks, which join machines to the real control plane. */
function copyTree(folder: string, kubeconfig: string): void {
  cpSync(TREE, folder, { recursive: true });
  const role = path.join(folder, "roles/rig");
  cpSync(path.join(__dirname, "files/kubectl"), path.join(role, "files/kubectl"));
  const defaults = path.join(role, "defaults/main.yml");
  const before: unknown = parse(readFileSync(defaults, "utf8"));
  const config: unknown = JSON.parse(kubeconfig);
  // As kubeadm writes it, which the stack takes the server's line from.
  const text = stringify(config, { indentSeq: false, lineWidth: 0 });
  writeFileSync(defaults, stringify({ ...Object(before), rig_kubeconfig: text }));
}

/** Helm's own files, which go with the cluster. */
function renderHelmFolders(folder: string): Record<string, string> {
  const names = ["CACHE", "CONFIG", "DATA"];
  return Object.fromEntries(
    names.map((name) => [`HELM_${name}_HOME`, path.join(folder, "helm", name.toLowerCase())]),
  );
}
