import { UserError } from "../../../kit/user-error";
import type { InventoryHost } from "./inventory";

/** What a name on the command line stands for: hosts, by their own name, their machine's or one of their groups'. */
export interface NamedHosts {
  readonly controlPlanes: readonly string[];
  readonly etcd: readonly string[];
  readonly workers: readonly string[];
  readonly sleepers: readonly string[];
  /** Only these, where there are any. */
  readonly only: readonly string[];
}

const KUBERNETES = "(?:kube|kubernetes|k8s|k3s|rke2)";
const HOSTS = "(?:_(?:nodes?|hosts?|servers?))?";
const CONTROL_PLANE = new RegExp(
  `^(?:(?:${KUBERNETES}|cluster)_)?(?:control_?planes?|masters?|controllers?)${HOSTS}$` +
    `|^(?:(?:rke2|k3s)_)?servers?$`,
);
const WORKER = new RegExp(
  `^(?:(?:${KUBERNETES}|cluster)_)?(?:workers?|agents?|minions?)${HOSTS}$|^${KUBERNETES}_nodes?$`,
);
const ETCD = new RegExp(`^(?:${KUBERNETES}_)?etcd${HOSTS}$`);
/** Who belongs to the cluster, whatever it does there. */
const CLUSTER = new RegExp(`^(?:${KUBERNETES}_)?cluster$|^nodes?$`);
const LABEL = /^(monitoring|storage|compute)(?:_nodes?)?$/;

const KINDS = { controlPlane: CONTROL_PLANE, worker: WORKER, etcd: ETCD, cluster: CLUSTER };

export function isIn(host: InventoryHost, kind: keyof typeof KINDS): boolean {
  return [...host.groups].some((group) => KINDS[kind].test(normalise(group)));
}

/** Of the groups monitoring, storage and compute the one that the host is in. */
export function labelOf(host: InventoryHost): string | undefined {
  const found = [...host.groups].flatMap((group) => LABEL.exec(normalise(group))?.[1] ?? []);
  return found.sort()[0];
}

function normalise(group: string): string {
  return group.toLowerCase().replace(/[-.]/g, "_");
}

/** Resolves the names of the command line; one that stands for nothing is refused. */
export class Selection {
  constructor(
    private readonly file: string,
    private readonly hosts: readonly InventoryHost[],
    private readonly names: ReadonlyMap<string, string>,
  ) {}

  /** The hosts that any of the words names. */
  named(words: readonly string[]): ReadonlySet<InventoryHost> {
    return new Set(words.flatMap((word) => this.hostsOf(word)));
  }

  private hostsOf(word: string): InventoryHost[] {
    const found = this.hosts.filter(
      (host) => host.name === word || this.names.get(host.name) === word || host.groups.has(word),
    );
    if (found.length > 0) return found;
    throw new UserError(
      `${this.file} has no host and no group ${word}. It has ${this.describe()}.`,
    );
  }

  /** "a, b and the groups x, y" */
  describe(): string {
    const groups = new Set(this.hosts.flatMap((host) => [...host.groups]));
    const rest = [...groups].filter((group) => group !== "all" && group !== "ungrouped").sort();
    const machines = this.hosts.map(({ name }) => this.names.get(name) ?? name).join(", ");
    return rest.length === 0 ? machines : `${machines} and the groups ${rest.join(", ")}`;
  }
}
