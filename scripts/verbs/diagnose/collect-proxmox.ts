import { isVirtual, type VirtualMachine } from "../../../components/hypervisor/virtual";
import type { ProxmoxApi } from "../../kit/proxmox/api";
import { openProxmox } from "../../kit/proxmox/open";
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
    const hosts = [...new Set(virtual.map(({ vm }) => vm.host))].sort();
    const sections = await askAll(api, hosts, virtual);
    return { ...about, status: "collected", error: null, sections, ...none };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...about, status: "could-not-look", error: error.message, sections: [], ...none };
  }
}

async function askAll(
  api: Getter,
  hosts: readonly string[],
  virtual: readonly VirtualMachine[],
): Promise<Section[]> {
  const paths = [
    ["cluster", "/cluster/status"],
    ["hosts, storages and machines", "/cluster/resources"],
    ...(virtual.some(({ vm }) => vm.ha !== undefined)
      ? [["high availability", "/cluster/ha/status/current"]]
      : []),
    ...hosts.flatMap((host) => [
      [`${host}: load`, `/nodes/${host}/status`],
      [`${host}: storages`, `/nodes/${host}/storage`],
      [`${host}: tasks that failed`, `/nodes/${host}/tasks?errors=1&limit=20`],
    ]),
    ...virtual.flatMap(({ name, vm }) => [
      [`${name}: configuration`, `/nodes/${vm.host}/qemu/${vm.id}/config`],
      [`${name}: what waits for a restart`, `/nodes/${vm.host}/qemu/${vm.id}/pending`],
      [`${name}: status`, `/nodes/${vm.host}/qemu/${vm.id}/status/current`],
    ]),
  ] as const;
  return Promise.all(paths.map(([name = "", path = ""]) => askOne(api, name, path)));
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
