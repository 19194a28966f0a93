import { isVirtual, type VirtualMachine } from "../../../components/hypervisor/virtual";
import type { ProxmoxApi } from "../../kit/proxmox/api";
import { findStray, renderStray, type Stray } from "../../kit/proxmox/moves";
import { openProxmox } from "../../kit/proxmox/open";
import { findOwn, type Resources, resourcesSchema } from "../../kit/proxmox/resources";
import type { Operator } from "../../kit/ssh/operator";
import { UserError } from "../../kit/user-error";
import type { Evidence, Section } from "./collect";

type Getter = Pick<ProxmoxApi, "get">;

/** What the report calls the hypervisors' part. */
export const HYPERVISOR = "the hypervisors";

/** Fields that a password may stand in; Proxmox itself hides it, and a later version may not. */
const HIDDEN: readonly string[] = ["cipassword"];

/** What Proxmox says of its hosts and of the stack's machines; undefined where there are none. It changes nothing. */
export async function collectFromProxmox(
  operator: Pick<Operator, "project" | "stack" | "site">,
  configFile: string | undefined,
  open: typeof openProxmox = openProxmox,
): Promise<Evidence | undefined> {
  const { config, machines } = operator.site;
  const virtual = machines.filter(isVirtual);
  if (config.hypervisor === undefined || virtual.length === 0) return undefined;
  const about = { machine: HYPERVISOR, address: config.hypervisor.endpoint };
  const none = { secrets: [], blind: false };
  try {
    const api = await open(operator, configFile);
    const placed = await findHosts(api, virtual);
    const hosts = [...new Set(placed.map(({ host }) => host))].sort();
    const sections = [...(await askAll(api, hosts, placed)), renderPlaces(placed)];
    return { ...about, status: "collected", error: null, sections, ...none };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...about, status: "could-not-look", error: error.message, sections: [], ...none };
  }
}

/** A machine with the host that it is on; where nobody says so, that of the configuration. */
interface At {
  readonly machine: VirtualMachine;
  readonly host: string;
  /** Set where it is another one than that of the configuration. */
  readonly stray: Stray | undefined;
}

async function findHosts(api: Getter, virtual: readonly VirtualMachine[]): Promise<At[]> {
  const known = await readResources(api);
  return virtual.map((machine) => {
    const host = findOwn(known, machine)?.node ?? machine.vm.host;
    return { machine, host, stray: findStray(machine, known) };
  });
}

/** Why it is not told stands in the report: it is asked for there again. */
async function readResources(api: Getter): Promise<Resources> {
  try {
    return resourcesSchema.safeParse(await api.get("/cluster/resources")).data ?? [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [];
  }
}

async function askAll(
  api: Getter,
  hosts: readonly string[],
  virtual: readonly At[],
): Promise<Section[]> {
  const paths = [
    ["cluster", "/cluster/status"],
    ["hosts, storages and machines", "/cluster/resources"],
    ...(virtual.some(({ machine }) => machine.vm.ha !== undefined)
      ? [["high availability", "/cluster/ha/status/current"]]
      : []),
    ...hosts.flatMap((host) => [
      [`${host}: load`, `/nodes/${host}/status`],
      [`${host}: storages`, `/nodes/${host}/storage`],
      [`${host}: tasks that failed`, `/nodes/${host}/tasks?errors=1&limit=20`],
    ]),
    ...virtual.flatMap(({ machine: { name, vm }, host }) => [
      [`${name}: configuration`, `/nodes/${host}/qemu/${vm.id}/config`],
      [`${name}: what waits for a restart`, `/nodes/${host}/qemu/${vm.id}/pending`],
      [`${name}: status`, `/nodes/${host}/qemu/${vm.id}/status/current`],
    ]),
  ] as const;
  return Promise.all(paths.map(([name = "", path = ""]) => askOne(api, name, path)));
}

/** Its exit code says at a glance whether somebody has moved one. */
function renderPlaces(placed: readonly At[]): Section {
  const strays = placed.flatMap(({ stray }) => stray ?? []);
  const text =
    strays.length === 0
      ? "none is known to be on another host than the configuration has it on"
      : strays.map(renderStray).join("\n");
  return { name: "machines on other hosts", code: strays.length === 0 ? 0 : 1, text };
}

/** A question that is refused is a part of the report: the token may lack a right that only this needs. */
async function askOne(api: Getter, name: string, path: string): Promise<Section> {
  try {
    return { name, code: 0, text: renderAnswer(await api.get(path)) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { name, code: 1, text: error.message };
  }
}

/** One line for each thing of a list, and for each field of one thing. */
export function renderAnswer(answer: unknown): string {
  if (Array.isArray(answer)) return answer.map((each) => JSON.stringify(each, hide)).join("\n");
  if (typeof answer !== "object" || answer === null) return JSON.stringify(answer);
  return Object.entries(answer)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, value]) => `${key}: ${JSON.stringify(hide(key, value), hide)}`)
    .join("\n");
}

/** Also where a list names the field: {"key": "cipassword", "value": …}. */
function hide(key: string, value: unknown): unknown {
  if (HIDDEN.includes(key)) return "hidden";
  if (typeof value !== "object" || value === null || !("key" in value)) return value;
  return HIDDEN.includes(String(value.key)) ? { key: value.key, value: "hidden" } : value;
}
