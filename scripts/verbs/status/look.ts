import { z } from "zod";
import { virtualSizes } from "../../../components/hypervisor/virtual";
import { appsChecks } from "../../../components/apps/facts";
import { BackupController, type Status } from "../../kit/controller/backup-controller";
import { ControllerAway, PowerController } from "../../kit/controller/power-controller";
import { type Row, rowSchema } from "../../kit/controller/rows";
import { askStack } from "../../kit/pulumi/ask-stack";
import { type HistoryEntry, lastChange, parseHistory } from "../../kit/pulumi/history";
import { runChecks } from "../../kit/run-checks";
import type { Operator } from "../../kit/ssh/operator";
import type { Site } from "../../../stacks/site";
import { UserError } from "../../kit/user-error";
import type { Check } from "../../kit/validation-report";

/** Something that was asked for, or why it is not known. */
export type Known<Value> =
  | { readonly value: Value }
  | { readonly unknown: string }
  | { readonly unknown: string; readonly away: true };

/** How the last update ended, without what the CLI keeps of its surroundings. */
export type LastUpdate = Pick<HistoryEntry, "kind" | "result" | "endTime">;

/** All that is known of a stack without waking a machine. */
export interface Found {
  /** The last update of the stack; null where there was none. */
  readonly update: Known<LastUpdate | null>;
  /** The machines that may sleep, as the power controller knows them. */
  readonly power: Known<readonly Row[]>;
  /**
   * The checks of the cluster's nodes; of the API server's virtual address, of apps and of Argo CD where there are some.
   */
  readonly checks: Known<readonly Check[]>;
  /** What each backup's last run came to. */
  readonly backups: Known<readonly Status[]>;
}

/** Asks the CLI, and the always-on controller one thing after the other. No other machine is asked, so none is woken. */
export async function look(operator: Operator): Promise<Found> {
  const [update, found] = await Promise.all([
    known(() => readUpdate(operator)),
    askController(operator),
  ]);
  return { update, ...found };
}

async function readUpdate({ project, stack }: Operator): Promise<LastUpdate | null> {
  const args = ["stack", "history", "--json", "--page-size", "20", "--page", "1"];
  const asked = await askStack({ project, stack, args });
  if (asked === undefined) throw new UserError("the last update: no Pulumi CLI or no state here");
  if (asked.stderr.includes("no stack named")) return null;
  if (asked.code !== 0) throw new UserError(`the last update: ${asked.stderr.trim()}`);
  const text = asked.stdout.trim() === "" ? "[]" : asked.stdout;
  const last = lastChange(parseHistory(stack, text));
  return last === undefined
    ? null
    : { kind: last.kind, result: last.result, endTime: last.endTime };
}

async function askController(operator: Operator): Promise<Omit<Found, "update">> {
  const { site } = operator;
  const silent = (): void => undefined;
  const power = await known(async () => {
    if (!site.machines.some((machine) => machine.sleeps)) return [];
    const controller = new PowerController(operator, silent);
    return (await controller.call("power-state", [], z.array(rowSchema))).value;
  });
  // What does not answer at all is not asked again: each try takes as long as SSH waits.
  if ("away" in power) return { power, checks: power, backups: power };
  const checks = await known(async () => {
    const run = { operator, groups: groupsOf(site), wait: 0, onProgress: silent };
    return (await runChecks(run)).checks;
  });
  const backups = await known(() =>
    site.config.backup.enabled
      ? new BackupController(operator, silent).status()
      : Promise.resolve([]),
  );
  return { power, checks, backups };
}

/** The checks that a page has room for: those of the nodes, and of what the stack has beside them. */
export function groupsOf(site: Pick<Site, "config" | "apps" | "machines">): string[] {
  const { config, apps } = site;
  return [
    "nodes",
    ...(config.bootstrap.endpoint === undefined ? [] : ["endpoint"]),
    ...(virtualSizes(site) === undefined ? [] : ["hypervisor"]),
    ...(appsChecks(apps) === undefined ? [] : ["apps"]),
    ...(config.gitops === undefined ? [] : ["gitops"]),
  ];
}

async function known<Value>(ask: () => Promise<Value>): Promise<Known<Value>> {
  try {
    return { value: await ask() };
  } catch (error) {
    if (error instanceof ControllerAway && !error.reachable)
      return { unknown: error.message, away: true };
    if (error instanceof UserError) return { unknown: error.message };
    throw error;
  }
}
