import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ClusterArgs } from "./args";
import type { FixedSetting } from "./fixed-settings";
import { lastOutput } from "./last-output";
import { renderMembers } from "./preview-members";

const recordSchema = z.object({ fixed: z.record(z.string(), z.string()) });

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

/** The warning for a preview; undefined where `up` refuses nothing. */
export function renderRefusal(
  settings: readonly FixedSetting[],
  output: string | undefined,
): string | undefined {
  if (output === undefined) return undefined;
  const parsed = recordSchema.safeParse(JSON.parse(output));
  if (!parsed.success) return undefined;
  const was = parsed.data.fixed;
  const refused = settings.filter((setting) => isRefused(setting, was[setting.key]));
  if (refused.length === 0) return undefined;
  return refused
    .map(
      ({ key, value, instead, byHand }) =>
        `\`up\` will be refused${byHand ? ", unless the machines show it already" : ""}: vmstation:${key}: the cluster has ${was[key] ?? ""}, the configuration says ${value}\nto do: ${instead}`,
    )
    .join("\n");
}

/** In a preview, warns of what the machines will refuse. It contacts no machine and never fails the preview. */
export function warnOfRefusal(settings: readonly FixedSetting[], component: pulumi.Resource): void {
  if (!pulumi.runtime.isDryRun()) return;
  const done = pulumi.runtime.rpcKeepAlive();
  void lastOutput()
    .then((output) => renderRefusal(settings, output))
    .then((text) => (text === undefined ? undefined : pulumi.log.warn(text, component)))
    // Where no engine answers, as for `vmstation plan`, there is no last update to compare with.
    .catch((error: unknown) =>
      pulumi.log.debug(`the stack's outputs cannot be read: ${String(error)}`, component),
    )
    .finally(done);
}
