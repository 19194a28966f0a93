import { ZodError } from "zod";
import { listVirtual, type VirtualMachine } from "../../../components/hypervisor/virtual";
import type { Operator } from "../ssh/operator";
import { UserError } from "../user-error";
import type { Check } from "../validation-report";
import type { ProxmoxApi } from "./api";
import { renderRetry } from "./ha-look";
import { openProxmox } from "./open";
import { findOwn, type Resources, resourcesSchema } from "./resources";

const ABOUT = {
  group: "hypervisor",
  name: "high-availability",
  expected: "Proxmox's high availability runs each machine with vm.ha",
};

/** States in which it does not run a machine, or not where it was; others are on the way. */
const NOT_RUNNING: ReadonlySet<string> = new Set([
  ...["error", "fence", "recovery", "stopped", "request_stop", "disabled", "ignored"],
]);

/** Asked from here: the checks on the controller have no access to Proxmox. Undefined where no machine has `ha`. */
export async function checkHighAvailability(
  operator: Pick<Operator, "project" | "stack" | "site">,
  configFile: string | undefined,
  open: (...args: Parameters<typeof openProxmox>) => Promise<Pick<ProxmoxApi, "get">> = openProxmox,
): Promise<Check | undefined> {
  const machines = listVirtual(operator.site.machines).filter(({ vm }) => vm.ha !== undefined);
  if (machines.length === 0) return undefined;
  try {
    const api = await open(operator, configFile);
    return judge(machines, resourcesSchema.parse(await api.get("/cluster/resources")));
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ZodError)) throw error;
    const found =
      error instanceof UserError ? error.message : "Proxmox: an answer that cannot be read";
    return { ...ABOUT, status: "error", found, advice: "" };
  }
}

function judge(machines: readonly VirtualMachine[], known: Resources): Check {
  const bad = machines.flatMap((machine) => {
    const { name } = machine;
    const found = findOwn(known, machine);
    if (found === undefined) return [`Proxmox does not show ${name}`];
    if (found.hastate === undefined) return [`${name} is not in high availability`];
    return NOT_RUNNING.has(found.hastate) ? [`${name} is in state ${found.hastate}`] : [];
  });
  const failed = machines.find((machine) => findOwn(known, machine)?.hastate === "error");
  return {
    ...ABOUT,
    status: bad.length === 0 ? "pass" : "fail",
    found: bad.length === 0 ? `${machines.length} machines run` : bad.join("; "),
    advice: bad.length === 0 ? "" : renderAdvice(failed),
  };
}

function renderAdvice(failed: VirtualMachine | undefined): string {
  return failed === undefined
    ? "npx vmstation refresh, then npx vmstation up"
    : `mend what hinders its start (its tasks in Proxmox say it), then on any host: ${renderRetry(failed)}`;
}
