import type { VirtualMachine } from "../../../components/hypervisor/virtual";
import { renderCommand } from "../advice";
import type { ResourceReport } from "../look/report";
import { compareVm, type VmDifference, type VmFound, type VmSettings } from "./compare";
import { compareHa, type HaFound, renderEnable, renderRetry } from "./ha-look";
import { renderWaysOut } from "./moves";
import { VM_NAME, VM_TYPE } from "./vm-name";

/** What Proxmox says of a machine, or why nobody can say. */
export type VmLook =
  | { readonly found: VmFound; readonly host: string; readonly ha?: HaFound | undefined }
  | { readonly error: string };

/** One virtual machine's part of the report, with the commands that put it right. */
export function reportVm(
  machine: VirtualMachine,
  settings: VmSettings & { readonly stack: string; readonly project: string },
  look: VmLook,
): ResourceReport {
  const { stack, project } = settings;
  const urn = `urn:pulumi:${stack}::${project}::vmstation:hypervisor:Hypervisor$${VM_TYPE}::hypervisor-vm-${machine.name}`;
  const report = { urn, name: VM_NAME, differences: [], fix: null };
  if ("error" in look) return { ...report, status: "could-not-look", reason: look.error };
  const { ha } = machine.vm;
  const differences = [
    ...compareHost(machine, look.host),
    ...compareVm(machine, settings, look.found),
    ...(ha === undefined || look.ha === undefined ? [] : compareHa(machine, ha, look.ha)),
  ];
  if (differences.length === 0) return { ...report, status: "as-described", reason: null };
  // It would be so for ever, and nobody has anything to do.
  const isOwners = differences.every(({ mend }) => mend === "own-disk");
  return {
    ...report,
    status: isOwners ? "as-described" : "drifted",
    reason: listMends(machine, stack, differences, { ...settings, from: look.host }).join("\n"),
    differences: differences.map(({ name, reason }) => {
      return { kind: "vm", name, reason, details: null };
    }),
  };
}

/** Where a machine with `ha` runs is the business of Proxmox's high availability. */
function compareHost({ vm }: VirtualMachine, host: string): VmDifference[] {
  if (vm.ha !== undefined || host === vm.host) return [];
  return [{ name: "host", reason: `is ${host}, not ${vm.host}`, mend: "host" }];
}

type Of = (mend: VmDifference["mend"]) => readonly VmDifference[];
type Command = (...words: readonly string[]) => string;

function listMends(
  machine: VirtualMachine,
  stack: string,
  differences: readonly VmDifference[],
  { hypervisor, from }: VmSettings & { readonly from: string },
): string[] {
  const { name } = machine;
  const by: Of = (mend) => differences.filter((each) => each.mend === mend);
  const command: Command = (...words) => renderCommand({ stack }, ...words);
  const restarts = by("update").some(({ name: key }) => COUNTS_LATER.has(key));
  return [
    ...(by("update").length > 0
      ? [
          `to do: ${command("refresh", "--target", `**hypervisor-vm-${name}`)}`,
          `       ${command("up")}`,
        ]
      : []),
    ...(restarts ? [`       ${command("restart", name)}`] : []),
    ...by("host").map(() => `up leaves it where it is. ${renderWaysOut({ machine, from })}`),
    ...mendHa(machine, by, command),
    ...mendDisks(machine, by, command, hypervisor.storage),
    ...mendFirstBoot(machine, by("first-boot")),
  ];
}

function mendHa({ name, vm }: VirtualMachine, by: Of, command: Command): string[] {
  const targets = [`**hypervisor-ha-${name}`, `**hypervisor-ha-rule-${name}`];
  return [
    ...(by("ha").length > 0
      ? [
          `to do: ${command("refresh", ...targets.flatMap((each) => ["--target", each]))}`,
          `       ${command("up")}`,
        ]
      : []),
    ...by("ha-disabled").map(
      () => `to do on a host: ${renderEnable({ vm })}, then ${command("refresh")}`,
    ),
    ...by("ha-error").map(
      () => `to do on a host, after mending what hinders its start: ${renderRetry({ vm })}`,
    ),
  ];
}

function mendDisks(
  { name, vm }: VirtualMachine,
  by: Of,
  command: Command,
  storage: string,
): string[] {
  return [
    ...by("grown").map(
      ({ name: disk }) =>
        `to do: write the size of ${disk} into machines.${name}.vm.disk, as no disk shrinks`,
    ),
    ...by("own-disk").map(
      ({ name: disk }) => `${disk}: somebody has attached it; it is left alone`,
    ),
    ...by("storage").map(
      ({ name: disk }) =>
        `to do on the host: qm disk move ${vm.id} ${disk} ${storage}, then ${command("refresh")}; or change hypervisor.storage`,
    ),
    ...by("missing").map(() => `to do on the host: qm config ${vm.id} tells which disk is unused`),
  ];
}

function mendFirstBoot({ vm }: VirtualMachine, fields: readonly VmDifference[]): string[] {
  if (fields.length === 0) return [];
  return [
    `${fields.map(({ name }) => name).join(", ")}: read at the first boot. At the machine's next start other values than it was made with make`,
    "a new SSH host key. If the configuration was changed since, leave them. If Proxmox was, to do on the host:",
    ...fields.flatMap(({ set }) => (set === undefined ? [] : [`       qm set ${vm.id} ${set}`])),
  ];
}

const COUNTS_LATER: ReadonlySet<string> = new Set(["cores", "sockets", "cpu", "memory", "balloon"]);
