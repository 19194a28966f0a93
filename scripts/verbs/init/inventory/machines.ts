import type { AskedMachine } from "../asked";
import { UserError } from "../../../kit/user-error";
import { readConnection, readText } from "./connection";
import type { Inventory, InventoryHost } from "./inventory";
import { nameMachines } from "./names";
import { isIn, labelOf, type NamedHosts, Selection } from "./roles";

export interface InventoryArgs extends NamedHosts {
  readonly file: string;
  readonly inventory: Inventory;
  /** Where the inventory names none. */
  readonly user: string | undefined;
  /** An IPv4 address for a name; undefined where there is none. */
  readonly resolve: (host: string) => Promise<string | undefined>;
}

export interface InventoryMachines {
  readonly machines: readonly AskedMachine[];
  /** What was left out, for its owner to know. */
  readonly remarks: readonly string[];
}

/** Who does what, as the groups and the command line say. */
interface Roles {
  readonly isControlPlane: (host: InventoryHost) => boolean;
  readonly isEtcd: (host: InventoryHost) => boolean;
  readonly isWorker: (host: InventoryHost) => boolean;
  readonly sleeps: (host: InventoryHost) => boolean;
}

/** The inventory's hosts as machines: those of the Kubernetes groups where there are such, else all. */
export async function inventoryMachines(args: InventoryArgs): Promise<InventoryMachines> {
  const { file, inventory } = args;
  const { hosts } = inventory;
  const names = nameMachines(
    file,
    hosts.map(({ name }) => name),
  );
  const selection = new Selection(file, hosts, names);
  const roles = decideRoles(args, selection);
  const wanted = chooseHosts(args, selection);
  const chosen = hosts.filter((host) => wanted.has(host));
  if (!chosen.some(roles.isControlPlane)) {
    throw new UserError(
      `${file} does not say which machine is the control plane: it has no group kube_control_plane. ` +
        `Name a host or a group with --control-plane. There are: ${selection.describe()}.`,
    );
  }
  const machines = await describeAll(file, chosen, (host) =>
    describe(host, names.get(host.name) ?? "", roles, args),
  );
  const left = hosts.filter((host) => !wanted.has(host)).map(({ name }) => name);
  const remark = `left out, for being in no group of the cluster: ${left.join(", ")} (--machine takes them)`;
  const isChosen = args.only.length > 0 || left.length === 0;
  return { machines, remarks: [...inventory.remarks, ...(isChosen ? [] : [remark])] };
}

function decideRoles(args: InventoryArgs, selection: Selection): Roles {
  const { hosts } = args.inventory;
  const [controlPlanes, etcd, workers, sleepers] = [
    ...[args.controlPlanes, args.etcd, args.workers, args.sleepers],
  ].map((words) => selection.named(words));
  const isControlPlane = (host: InventoryHost): boolean =>
    isIn(host, "controlPlane") || controlPlanes?.has(host) === true;
  const hasEtcdGroup = args.controlPlanes.length === 0 && hosts.some((host) => isIn(host, "etcd"));
  const isEtcd = (host: InventoryHost): boolean => {
    if (args.etcd.length > 0) return etcd?.has(host) === true;
    return hasEtcdGroup ? isIn(host, "etcd") : isControlPlane(host);
  };
  return {
    isControlPlane,
    isEtcd,
    isWorker: (host) =>
      isIn(host, "worker") ||
      workers?.has(host) === true ||
      (!isControlPlane(host) && !isEtcd(host)),
    sleeps: (host) => sleepers?.has(host) === true,
  };
}

function chooseHosts(args: InventoryArgs, selection: Selection): ReadonlySet<InventoryHost> {
  const { hosts } = args.inventory;
  if (args.only.length > 0) return selection.named(args.only);
  const isKnown = hosts.some((host) => isIn(host, "worker") || isIn(host, "cluster"));
  if (!isKnown) return new Set(hosts);
  const members = hosts.filter((host) =>
    (["controlPlane", "worker", "etcd", "cluster"] as const).some((kind) => isIn(host, kind)),
  );
  const { controlPlanes, etcd, workers, sleepers } = args;
  const named = selection.named([...controlPlanes, ...etcd, ...workers, ...sleepers]);
  return new Set([...members, ...named]);
}

/** What is wrong with any of them is told at once. */
async function describeAll(
  file: string,
  hosts: readonly InventoryHost[],
  describeOne: (host: InventoryHost) => Promise<AskedMachine>,
): Promise<AskedMachine[]> {
  const described = await Promise.allSettled(hosts.map(describeOne));
  const failed = described.flatMap((each): unknown[] =>
    each.status === "rejected" ? [each.reason] : [],
  );
  const messages = failed.map((reason) => {
    if (reason instanceof UserError) return `${file}: ${reason.message}`;
    throw new Error("a host cannot be described", { cause: reason });
  });
  if (messages.length > 0) throw new UserError(messages.join("\n"));
  return described.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
}

async function describe(
  host: InventoryHost,
  name: string,
  roles: Roles,
  { user: ownUser, resolve }: InventoryArgs,
): Promise<AskedMachine> {
  const connection = readConnection(host);
  // Kubespray's own variable for the address on the LAN.
  const target = connection.target ?? readText(host, ["ip"]) ?? host.name;
  const address = await resolve(target);
  if (address === undefined) {
    throw new UserError(
      `${host.name} has no IPv4 address: ${target} cannot be resolved. Set ansible_host.`,
    );
  }
  const user = connection.user ?? ownUser;
  if (user === undefined) {
    throw new UserError(`${host.name} has no SSH user. Set ansible_user, or use --user.`);
  }
  return {
    ...{ name, address, port: connection.port ?? 22, user },
    roles: [
      ...(roles.isControlPlane(host) ? (["control-plane"] as const) : []),
      ...(roles.isEtcd(host) ? (["etcd"] as const) : []),
      ...(roles.isWorker(host) ? (["worker"] as const) : []),
    ],
    sleeps: roles.sleeps(host),
    label: labelOf(host),
  };
}
