import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { run, type CommandResult } from "../rig/command";
import { waitFor } from "../rig/wait";
import { ApiClient } from "./api-client";
import {
  renderKubeconfig,
  write,
  writeCredentials,
  type Credentials,
  type User,
} from "./credentials";
import { Daemon } from "./daemon";
import { createFolder } from "./leftovers";
import {
  certificateFile,
  renderApiServerArgs,
  renderControllerManagerArgs,
  renderEtcdArgs,
  renderKwokArgs,
  renderSchedulerArgs,
  type ProgramSettings,
} from "./render-args";
import { toolPath, type Program } from "./tools";

export interface ClusterOptions {
  /** Address to listen on; loopback by default. In the rig, one of its namespace's addresses. */
  readonly bind?: string;
  /** The API server's port; a free one by default. */
  readonly port?: number;
  /** A network namespace's file, such as a machine's, that `bind` belongs to; then nothing else listens there. */
  readonly namespace?: string;
  readonly podCidr?: string;
  readonly serviceCidr?: string;
  /** Seconds without a heartbeat after which a machine is NotReady: 6 by default, 40 in a real cluster. */
  readonly grace?: number;
}

export interface KubectlOptions {
  readonly input?: string;
  /** A kubeconfig other than the administrator's. */
  readonly kubeconfig?: string;
  readonly anyCode?: boolean;
}

const STAGES = path.join(__dirname, "files", "stages.yaml");

/** A real control plane, with kwok in the kubelets' place, that leaves nothing behind. */
export class TestCluster {
  /** "https://127.0.0.1:40000" */
  readonly url: string;
  private readonly credentials: Credentials;
  private readonly daemons: Daemon[] = [];
  private client: ApiClient | undefined;

  private constructor(
    private readonly settings: ProgramSettings,
    private readonly namespace?: string,
  ) {
    this.url = `https://${settings.bind}:${settings.ports.api}`;
    this.credentials = writeCredentials(settings.folder);
  }

  /** Starts one and waits until it takes objects. Rejects, with nothing left, when it does not come up. */
  static async start(options: ClusterOptions = {}): Promise<TestCluster> {
    const bind = options.bind ?? "127.0.0.1";
    const { namespace } = options;
    const [api = 0, etcd = 0, etcdPeer = 0] =
      namespace === undefined ? await findPorts(bind, 3) : [6443, 2379, 2380];
    const settings = {
      folder: createFolder(),
      bind,
      ports: { api: options.port ?? api, etcd, etcdPeer },
      podCidr: options.podCidr ?? "10.244.0.0/16",
      serviceCidr: options.serviceCidr ?? "10.96.0.0/12",
      grace: options.grace ?? 6,
    };
    const cluster = new TestCluster(settings, namespace);
    try {
      await cluster.boot();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** A folder of the cluster's own, which goes with it. */
  get folder(): string {
    return this.settings.folder;
  }

  /** Path of the administrator's kubeconfig. */
  get kubeconfig(): string {
    return path.join(this.folder, "admin.kubeconfig");
  }

  /** The administrator's client; `api.as(USER)` acts as somebody else. */
  get api(): ApiClient {
    if (this.client === undefined) throw new Error("the cluster has not started");
    return this.client;
  }

  /** Writes a kubeconfig for a bearer token, and returns its path. */
  writeKubeconfig(name: string, token: string): string {
    return write(this.folder, `${name}.kubeconfig`, renderKubeconfig(this.url, this.ca(), token));
  }

  /** A client that logs in with a token of its own. */
  login(token: string): ApiClient {
    return new ApiClient({ url: this.url, ca: this.ca(), token });
  }

  kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<CommandResult> {
    const { kubeconfig = this.kubeconfig, ...others } = options;
    return this.runTool("kubectl", ["--kubeconfig", kubeconfig, ...args], others);
  }

  helm(args: readonly string[], options: { anyCode?: boolean } = {}): Promise<CommandResult> {
    return this.runTool("helm", ["--kubeconfig", this.kubeconfig, ...args], options);
  }

  /** Lets one of the programs stand still, or go on. */
  signal(program: Program, signal: "SIGSTOP" | "SIGCONT"): void {
    const daemon = this.daemons.find(({ name }) => name === program);
    if (daemon === undefined) throw new Error(`${program} does not run here`);
    daemon.signal(signal);
  }

  /** Ends every process, then removes the folder. May be called more than once. */
  async stop(): Promise<void> {
    this.client?.close();
    await Promise.all(this.daemons.map((daemon) => daemon.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A program's own files (caches, plug-ins) stay in the cluster's folder. */
  private runTool(
    program: Program,
    args: readonly string[],
    options: { input?: string; anyCode?: boolean },
  ): Promise<CommandResult> {
    const env = { PATH: process.env.PATH, HOME: this.folder };
    return run(toolPath(program), args, { env, timeout: 120_000, ...options });
  }

  private async boot(): Promise<void> {
    const { settings, credentials } = this;
    mkdirSync(path.join(this.folder, "certificates"));
    this.launch("etcd", renderEtcdArgs(settings));
    this.launch("kube-apiserver", renderApiServerArgs(settings, credentials));
    const ca = await this.until("the API server's certificate", () =>
      Promise.resolve(this.findCa()),
    );
    this.client = new ApiClient({ url: this.url, ca, token: credentials.tokens.admin });
    await this.until("the API server", async () => {
      return (await this.api.send("GET", "/readyz")).status === 200;
    });
    this.writeKubeconfig("admin", credentials.tokens.admin);
    this.launch(
      "kube-controller-manager",
      renderControllerManagerArgs(
        settings,
        credentials,
        this.kubeconfigOf("kube-controller-manager"),
      ),
    );
    this.launch("kube-scheduler", renderSchedulerArgs(this.kubeconfigOf("kube-scheduler")));
    this.launch("kwok", renderKwokArgs(settings, STAGES, this.kubeconfigOf("kubelets")));
    await this.until("the controllers", async () => {
      const account = "/api/v1/namespaces/default/serviceaccounts/default";
      return (await this.api.send("GET", account)).status === 200;
    });
  }

  private kubeconfigOf(user: User): string {
    return this.writeKubeconfig(user, this.credentials.tokens[user]);
  }

  private launch(name: Program, args: readonly string[]): void {
    const { folder, namespace } = this;
    this.daemons.push(new Daemon({ folder, program: toolPath(name), args, namespace }));
  }

  /** Waits for a condition, unless one of the programs ends. */
  private until<T>(what: string, condition: () => Promise<T | undefined | false>): Promise<T> {
    let failure: unknown;
    const outcome = waitFor(
      what,
      async () => {
        try {
          for (const daemon of this.daemons) daemon.assertRunning();
        } catch (error) {
          failure = error;
          return true;
        }
        const value = await condition();
        return value === undefined || value === false ? false : { value };
      },
      90_000,
    );
    return outcome.then((result) => {
      if (result === true) throw failure;
      return result.value;
    });
  }

  private ca(): string {
    return readFileSync(certificateFile(this.folder), "utf8");
  }

  /** Undefined before it is there whole: the API server makes the file, and then writes it. */
  private findCa(): string | undefined {
    try {
      const text = this.ca();
      return text.endsWith("-----END CERTIFICATE-----\n") ? text : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Ports that nobody listens on at this address. */
export async function findPorts(bind: string, count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, bind, () => {
            const address = server.address();
            if (typeof address === "object" && address !== null) resolve(address.port);
            else reject(new Error(`no port to listen on at ${bind}`));
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
