import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseExport, type Deployment, type StateResource } from "../../kit/state/deployment";
import { dropResources } from "../../kit/state/drop-machine";
import { State, writeBackup } from "../../kit/state/state";
import type { Project } from "../../kit/stack-file/project";
import { findCli } from "../../kit/pulumi/find-cli";
import { Session } from "../../kit/pulumi/session";
import { UserError } from "../../kit/user-error";

/** Children of the bootstrap that leave nothing on a machine which somebody would have to take back. */
function isRun({ urn, type, inputs }: StateResource): boolean {
  return (
    type === "command:remote:Command" &&
    /::vmstation:(\w+:\w+\$vmstation:)*bootstrap:/.test(urn) &&
    typeof inputs?.delete !== "string"
  );
}

function isInCluster({ type }: StateResource): boolean {
  return type.startsWith("kubernetes:") || type === "pulumi:providers:kubernetes";
}

/** The URNs of what goes with the cluster: all that is in it, and the runs that have installed it. */
export function findInCluster({ resources }: Deployment): Set<string> {
  const gone = (resources ?? []).filter((one) => isInCluster(one) || isRun(one));
  return new Set(gone.map(({ urn }) => urn));
}

/** The state without the cluster, and without what the next preview would compare with. */
export function withoutCluster(deployment: Deployment): Deployment {
  const rest = dropResources(deployment, findInCluster(deployment));
  const resources = rest.resources?.map((one) => {
    if (one.type !== "pulumi:pulumi:Stack") return one;
    const { outputs } = one;
    if (typeof outputs !== "object" || outputs === null) return one;
    const kept = Object.entries(outputs).filter(([name]) => name !== "bootstrap");
    return { ...one, outputs: Object.fromEntries(kept) };
  });
  return resources == null ? rest : { ...rest, resources };
}

/** A stack's state, opened before anything is wiped, so that nothing is wiped that the state could not follow. */
export class ClusterState {
  private constructor(
    private readonly project: Project,
    private readonly stack: string,
    private readonly session: Session,
    private readonly state: State,
    private readonly before: string,
  ) {}

  static async open(project: Project, stack: string): Promise<ClusterState> {
    const cli = await findCli({ root: project.root, env: process.env, onWaiting: () => undefined });
    if (cli.path === undefined) {
      throw new UserError(
        `There is no Pulumi CLI: ${cli.reason}. Without it the state cannot be updated. To continue anyway, use --keep-state.`,
      );
    }
    const session = new Session({
      ...{ cli: cli.path, project, stack, destroys: false, env: process.env },
    });
    const state = new State({ cli: cli.path, folder: project.root, stack, env: session.env });
    try {
      return new ClusterState(project, stack, session, state, await state.export());
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** Takes the cluster out; returns where the state as it was is kept. */
  async dropCluster(): Promise<string> {
    const whole = parseExport(this.before);
    const backup = writeBackup(this.project.root, this.stack, this.before, new Date());
    const file = join(this.session.env.TMPDIR ?? this.project.root, "state.json");
    const deployment = withoutCluster(whole.deployment);
    writeFileSync(file, JSON.stringify({ ...whole, deployment }), { mode: 0o600 });
    await this.state.import(file);
    return backup;
  }

  close(): void {
    this.session.close();
  }
}
