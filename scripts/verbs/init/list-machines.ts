import { lookup } from "node:dns/promises";
import { isIPv4 } from "node:net";
import { userInfo } from "node:os";
import { readSettings } from "../../../components/remote/ssh-settings";
import { ownTerminal } from "../../kit/terminal/prompt";
import { UserError } from "../../kit/user-error";
import type { AskedMachine } from "./asked";
import type { Input } from "./command";
import type { Draft } from "./draft";
import { askForMachines } from "./interview";
import { type Inventory, readInventory } from "./inventory/inventory";
import { inventoryMachines } from "./inventory/machines";
import { connect } from "./proxmox/connect";
import { type FoundVm, findVms } from "./proxmox/found";
import { asInventory, type Offer, offerVms } from "./proxmox/offer";
import type { FoundHost } from "./questions";

/** Whether the command line says which machines: then nobody is asked. */
export function isGiven({
  from,
  proxmox,
  machine,
  controlPlane,
  etcd,
  worker,
}: Input["options"]): boolean {
  const named = [...machine, ...controlPlane, ...etcd, ...worker];
  return from !== undefined || (proxmox !== undefined && named.length > 0);
}

/** The machines that are to be looked at: from an inventory, from Proxmox, or as a person answers. */
export async function listMachines(
  options: Input["options"],
  draft: Draft,
  write: (text: string) => void,
): Promise<readonly AskedMachine[]> {
  const { from, proxmox, withoutVault } = options;
  refuseUnfit(options);
  if (from !== undefined)
    return listed(options, from, readInventory(from, { withoutVault }), write);
  const user = options.user ?? ownName();
  const asking = { ...ownTerminal(), user, resolve: findHost, draft };
  if (proxmox === undefined) return askForMachines(asking);
  const { vms, text } = await findOffer(proxmox, options);
  write(text);
  if (!isGiven(options)) return askForMachines({ ...asking, vms });
  const machines = await listed(options, proxmox, asInventory(vms), write);
  return machines.map((machine) => withVm(machine, vms));
}

/** Options that contradict each other, or that nothing would read. */
export function refuseUnfit({
  from,
  proxmox,
  proxmoxCa,
  sleeps,
}: Pick<Input["options"], "from" | "proxmox" | "proxmoxCa" | "sleeps">): void {
  if (from !== undefined && proxmox !== undefined)
    throw new UserError("--from and --proxmox exclude each other.");
  if (proxmox === undefined && proxmoxCa !== undefined)
    throw new UserError(
      `--proxmox-ca ${proxmoxCa}: no API of Proxmox VE is asked without --proxmox, such as --proxmox https://192.168.1.33:8006.`,
    );
  if (proxmox !== undefined && sleeps.length > 0)
    throw new UserError(
      "--sleeps: no magic packet wakes a virtual machine. Only one that up has made can sleep: docs/hypervisor.md",
    );
}

async function findOffer(
  endpoint: string,
  { proxmoxCa: file, proxmoxFingerprint: fingerprint }: Input["options"],
): Promise<Offer> {
  const isTerminal = process.stdin.isTTY;
  const api = await connect({ endpoint, file, fingerprint, env: process.env, isTerminal });
  return offerVms(endpoint, await findVms(api));
}

function withVm(machine: AskedMachine, vms: readonly FoundVm[]): AskedMachine {
  const vm = vms.find(({ address }) => address === machine.address);
  return vm === undefined ? machine : { ...machine, vm: { id: vm.id, host: vm.host } };
}

/** The machines of an inventory that the options choose. */
async function listed(
  options: Input["options"],
  file: string,
  inventory: Inventory,
  write: (text: string) => void,
): Promise<readonly AskedMachine[]> {
  const { machines, remarks } = await inventoryMachines({
    ...{ file, inventory, user: options.user ?? ownName(), resolve: resolveAddress },
    ...{ controlPlanes: options.controlPlane, etcd: options.etcd },
    ...{ workers: options.worker, sleepers: options.sleeps },
    only: options.machine,
  });
  for (const remark of remarks) write(`${remark}\n`);
  return machines;
}

/** Root is no suggestion: sshd's drop-in forbids its log-in. */
function ownName(): string | undefined {
  const { username } = userInfo();
  return username === "root" ? undefined : username;
}

/** What the operator's ssh settings and the resolver say of a host. */
async function findHost(host: string): Promise<FoundHost | undefined> {
  const settings = readSettings(host);
  const address = await resolveAddress(settings?.hostName ?? host);
  if (address === undefined) return undefined;
  const user = settings?.user === userInfo().username ? undefined : settings?.user;
  return { address, port: settings?.port ?? 22, user: user === "" ? undefined : user };
}

async function resolveAddress(host: string): Promise<string | undefined> {
  if (isIPv4(host)) return host;
  try {
    return (await lookup(host, { family: 4 })).address;
  } catch {
    return undefined;
  }
}
