import { renderCommand } from "../advice";
import { join } from "node:path";
import type { StackOptions } from "../verb/command";
import { loadProject, type Project } from "../stack-file/project";
import { loadStackConfig, renderProgramConfig } from "../stack-file/stack-config";
import { PrivateFolder } from "../private-folder";
import { EXIT, UserError } from "../user-error";
import { checkConfig, LAYERS, type RawConfig } from "../../../stacks/check";
import { renderProblems } from "../../../stacks/errors";
import { controllerOf, firstOf, type Site } from "../../../stacks/site";
import { SshClient, type SshResult, type SshRun } from "./client";
import type { Connection } from "./connection";

type SiteMachine = Site["machines"][number];

/** What came back from a command on a machine. */
export interface SshAnswer extends SshResult {
  readonly stdout: string;
}

/** A stack's machines, as its configuration describes them, and SSH to them. */
export class Operator {
  private constructor(
    readonly stack: string,
    readonly project: Project,
    readonly site: Site,
    readonly client: SshClient,
    private readonly folder: PrivateFolder,
  ) {}

  /**
   * Reads the stack's configuration and makes no plan. Throws all of its mistakes at once.
   * Call close at the end: it removes the temporary files.
   */
  static open(options: StackOptions): Operator {
    const stack = options.stack;
    const project = loadProject(options.cwd);
    const site = readSite(project, stack, options.configFile);
    const folder = new PrivateFolder(join(project.root, ".vmstation", "tmp"));
    const hosts = site.machines.map((machine) => ({
      machine,
      connection: renderConnection(site, machine),
    }));
    return new Operator(stack, project, site, new SshClient(folder.path, hosts), folder);
  }

  /** The always-on machine that the power controller and the checks run on. */
  get controller(): SiteMachine {
    return controllerOf(this.site);
  }

  /** The control plane that the cluster is installed from and the others join; mostly the controller. */
  get first(): SiteMachine {
    return firstOf(this.site);
  }

  /** The machine of that name; an unknown one is told with the names there are. */
  machine(name: string): SiteMachine {
    const { machines } = this.site;
    const found = machines.find((machine) => machine.name === name);
    if (found !== undefined) return found;
    const names = machines.map((machine) => machine.name).join(", ");
    throw new UserError(`The stack ${this.stack} has no machine ${name}. Its machines: ${names}.`);
  }

  /** What a machine is logged in to with; one without a pinned host key is refused. */
  connection(machine: SiteMachine): Connection {
    const connection = renderConnection(this.site, machine);
    if (connection.hostKey !== undefined) return connection;
    throw new UserError(
      `The SSH host key of ${machine.name} is not pinned. Run: ${renderCommand({ stack: this.stack }, "trust", machine.name)}`,
    );
  }

  /** Runs a command there as the configured user; output is kept, and passed on where asked. */
  async run(machine: SiteMachine, run: SshRun): Promise<SshAnswer> {
    let stdout = "";
    const decoder = new TextDecoder();
    const result = await this.client.run(machine.name, this.connection(machine), {
      ...run,
      onOutput: (chunk) => {
        stdout += decoder.decode(chunk, { stream: true });
        run.onOutput?.(chunk);
      },
    });
    return { ...result, stdout };
  }

  close(): void {
    this.folder.remove();
  }
}

/** A stack's configuration without making the plan; everything that is wrong in it is thrown at once. */
export function readSite(project: Project, stack: string, file?: string): Site {
  const { site, problems } = checkConfig(readRaw(project, stack, file));
  if (site === undefined) throw new UserError(renderProblems(stack, problems), EXIT.fail);
  return site;
}

/** What a stack's file says, before anything is known of it. */
export function readRaw(project: Project, stack: string, file: string | undefined): RawConfig {
  const config = loadStackConfig(project, stack, file);
  const prefix = `${project.name}:`;
  const own = (key: string): string[] => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []);
  const { secretKeys, values } = renderProgramConfig(config);
  const entries = [...config].flatMap(([key, value]) =>
    own(key).map((name): [string, unknown] => [
      name,
      LAYERS.includes(name) ? value : values[key.replace(":", ":config:")],
    ]),
  );
  return { values: Object.fromEntries(entries), secretKeys: secretKeys.flatMap(own) };
}

/** As every resource connects; a key that the stack's file encrypts is left to the SSH agent. */
function renderConnection({ config }: Site, machine: SiteMachine): Connection {
  return {
    host: machine.address,
    port: machine.sshPort,
    user: machine.sshUser,
    hostKey: machine.hostKey,
    privateKey: undefined,
    perDialTimeout: config.remote.dialTimeout,
  };
}
