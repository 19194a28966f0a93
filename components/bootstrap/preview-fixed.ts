import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Machine } from "../node/machine";
import type { ClusterArgs } from "./args";
import { addressSetting, NO_ADDRESS, type FixedSetting } from "./fixed-settings";
import { lastOutput } from "./last-output";
import { memberState } from "./members";
import { renderMembers } from "./preview-members";

const recordSchema = z.object({
  fixed: z.record(z.string(), z.string()),
  /** Absent in a record of an earlier version. */
  members: z.record(z.string(), z.object({ key: z.string().nullable() })).optional(),
});

type Kept = z.infer<typeof recordSchema>;

/** What the stack keeps of a cluster without playbooks, as its output `bootstrap`, once it has been installed. */
export function renderFixedRecord(
  settings: readonly FixedSetting[],
  machines: ClusterArgs["machines"],
): string {
  return JSON.stringify({
    members: renderMembers(machines),
    fixed: Object.fromEntries(settings.map(({ key, value }) => [key, value])),
  });
}

function isRefused({ value, when }: FixedSetting, was: string | undefined): boolean {
  if (was === undefined || was === value) return false;
  if (when === "control plane before") return /control-plane|etcd/.test(was);
  return when !== "turned off" || value === "false" || value === "none";
}

/** What the cluster knows a machine by; undefined of one that joins, and where an earlier version's record has nothing. */
function recordedAddress({ fixed, members }: Kept, machine: Machine): string | undefined {
  const was = fixed[addressSetting(machine).key];
  if (members === undefined) return was;
  const member = members[machine.name];
  const { key } = memberState(machine);
  // With another host key it is another machine.
  if (member === undefined || (member.key !== null && key !== null && member.key !== key))
    return undefined;
  return was ?? NO_ADDRESS;
}

/** Every key that differs from the record, as `up` refuses it. */
function refusedChanges(
  settings: readonly FixedSetting[],
  machines: ClusterArgs["machines"],
  record: Kept,
): readonly { readonly setting: FixedSetting; readonly was: string | undefined }[] {
  const addresses = machines.map((machine) => ({
    setting: addressSetting(machine),
    was: recordedAddress(record, machine),
  }));
  const keys = new Set(addresses.map(({ setting }) => setting.key));
  const others = settings
    .filter(({ key }) => !keys.has(key))
    .map((setting) => ({ setting, was: record.fixed[setting.key] }));
  return [...others, ...addresses].filter(({ setting, was }) => isRefused(setting, was));
}

/** The warning for a preview; undefined where `up` refuses nothing. */
export function renderRefusal(
  settings: readonly FixedSetting[],
  machines: ClusterArgs["machines"],
  output: string | undefined,
): string | undefined {
  if (output === undefined) return undefined;
  const parsed = recordSchema.safeParse(JSON.parse(output));
  if (!parsed.success) return undefined;
  const refused = refusedChanges(settings, machines, parsed.data);
  if (refused.length === 0) return undefined;
  return refused
    .map(
      ({ setting: { key, value, instead, byHand }, was = "" }) =>
        `\`up\` will be refused${byHand ? ", unless the machines show it already" : ""}: vmstation:${key}: the cluster has ${was}, the configuration says ${value}\nto do: ${instead}`,
    )
    .join("\n");
}

/** In a preview, warns of what the machines will refuse. It contacts no machine and never fails the preview. */
export function warnOfRefusal(
  settings: readonly FixedSetting[],
  { machines }: Pick<ClusterArgs, "machines">,
  component: pulumi.Resource,
): void {
  if (!pulumi.runtime.isDryRun()) return;
  const done = pulumi.runtime.rpcKeepAlive();
  void lastOutput()
    .then((output) => renderRefusal(settings, machines, output))
    .then((text) => (text === undefined ? undefined : pulumi.log.warn(text, component)))
    // Where no engine answers, as for `vmstation plan`, there is no last update to compare with.
    .catch((error: unknown) =>
      pulumi.log.debug(`the stack's outputs cannot be read: ${String(error)}`, component),
    )
    .finally(done);
}
