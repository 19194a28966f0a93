import { hasRole } from "../../../components/node/machine";
import { methodOf } from "../../../components/bootstrap/methods";
import { firstOf, type Site, type SiteMachine } from "../../../stacks/site";

/** Why the configuration does not let `to` take over from `from`; undefined where it does. */
export function refuseByConfig(
  { config, machines, ...site }: Site,
  from: SiteMachine,
  to: SiteMachine,
): string | undefined {
  const others = machines.filter((m) => hasRole(m, "control-plane") && m.name !== from.name);
  if (to.name === from.name) return `${to.name} is the controller already.`;
  if (!hasRole(to, "control-plane")) {
    const names = others.map(({ name }) => name).join(", ");
    return others.length === 0
      ? `${to.name} is not a control plane, and the stack has none beside ${from.name}.`
      : `${to.name} is not a control plane. These are, beside ${from.name}: ${names}.`;
  }
  if (to.offline) {
    return `${to.name} is offline: the configuration has machines.${to.name}.offline: true.`;
  }
  const { bootstrap } = config;
  const address = bootstrap.endpoint?.address ?? methodOf(bootstrap).virtualAddress(bootstrap);
  if (address === undefined && firstOf(site).name === from.name) {
    return (
      `VMStation reaches the API server of ${from.name} alone, as no virtual address stands for all control planes, ` +
      `and could not work without ${from.name}. Replace that machine under its old name: docs/machines.md.`
    );
  }
  return undefined;
}

/** What was heard of the two machines just now. */
export interface Heard {
  /** Why `to` does not answer; undefined where it does. */
  readonly toSilent: string | undefined;
  /** Whether `from` lets this computer in. */
  readonly fromAnswers: boolean;
  /** Whether an SSH server greets `to` on `from`. */
  readonly fromGreets: boolean;
}

/** Why what was heard does not let `to` take over; undefined where it does. */
export function refuseByAnswers(
  heard: Heard,
  [from, to]: readonly [string, string],
  force: boolean,
): string | undefined {
  if (heard.toSilent !== undefined) {
    return `${to} does not answer: ${heard.toSilent}. It has to answer before it can become the controller.`;
  }
  if (force || !(heard.fromAnswers || heard.fromGreets)) return undefined;
  const where = heard.fromAnswers
    ? "answers"
    : `does not let this computer in, but ${to} reaches it`;
  return (
    `${from}, the present controller, ${where}. While it runs, the controller moves without a takeover: set ` +
    `vmstation:cluster.controller to ${to} and run up, which removes it from ${from}. Where that is not possible, switch ` +
    `${from} off, or use --force: then ${from} counts as offline, and must not be used until it is removed there.`
  );
}
