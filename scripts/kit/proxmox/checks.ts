import { ZodError } from "zod";
import { listVirtual, type VirtualMachine } from "../../../components/hypervisor/virtual";
import type { Operator } from "../ssh/operator";
import { UserError } from "../user-error";
import type { Check } from "../validation-report";
import type { ProxmoxApi } from "./api";
import { renderRetry } from "./ha-look";
import { findStray, renderWaysOut } from "./moves";
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

const HOSTS = {
  group: "hypervisor",
  name: "hosts",
  expected: "each machine runs on the host that the configuration has it on",
};

interface Means {
  readonly open: (...args: Parameters<typeof openProxmox>) => Promise<Pick<ProxmoxApi, "get">>;
  readonly onWarning: (text: string) => void;
}

const MEANS: Means = {
  open: openProxmox,
  onWarning: (text) => void process.stderr.write(`warning: ${text}\n`),
};

/**
 * Asked from here: the checks on the controller have no access to Proxmox. Where machines run makes no report bad where
 * nobody can be asked: that is a warning.
 */
export async function checkProxmox(
  operator: Pick<Operator, "project" | "stack" | "site">,
  configFile: string | undefined,
  { open, onWarning }: Means = MEANS,
): Promise<readonly Check[]> {
  const machines = listVirtual(operator.site.machines);
  if (machines.length === 0) return [];
  const managed = machines.filter(({ vm }) => vm.ha !== undefined);
  try {
    const api = await open(operator, configFile);
    const known = resourcesSchema.parse(await api.get("/cluster/resources"));
    const ofHa = managed.length === 0 ? [] : [judge(managed, known)];
    return [...ofHa, judgeHosts(machines, known)];
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ZodError)) throw error;
    const found =
      error instanceof UserError ? error.message : "Proxmox: an answer that cannot be read";
    if (managed.length > 0) return [{ ...ABOUT, status: "error", found, advice: "" }];
    onWarning(`not looked at, on which hosts machines run: ${found}`);
    return [];
  }
}

function judgeHosts(machines: readonly VirtualMachine[], known: Resources): Check {
  const strays = machines.flatMap((machine) => findStray(machine, known) ?? []);
  if (strays.length === 0)
    return { ...HOSTS, status: "pass", found: `${machines.length} machines`, advice: "" };
  const found = strays.map(
    ({ machine: { name, vm }, from }) => `${name} runs on ${from}, not ${vm.host}`,
  );
  return {
    ...HOSTS,
    status: "fail",
    found: found.join("; "),
    advice: `up leaves them there. ${strays.map(renderWaysOut).join(". ")}`,
  };
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
