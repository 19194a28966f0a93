import type { Site } from "../../../stacks/site";
import { renderTable, renderTime } from "../../kit/controller/render-table";
import type { Style } from "../../kit/terminal/style";
import { printable } from "../../kit/terminal/printable";
import { wrapMessage } from "../../kit/terminal/wrap-message";
import { valueOf } from "./attention";
import type { Found } from "./look";

export interface StatusPage {
  readonly stack: string;
  readonly site: Pick<Site, "machines" | "config">;
  readonly found: Found;
  readonly attention: readonly string[];
  /** Unix seconds. */
  readonly now: number;
  /** The terminal's width; undefined where nobody watches. */
  readonly columns?: number | undefined;
}

/** The stack on one page. */
export function renderPage(
  { stack, site, found, attention, now, columns }: StatusPage,
  style: Style,
): string {
  const { machines, config } = site;
  const clock = { now, timeZone: config.lan.timeZone };
  const count = `${machines.length} ${machines.length === 1 ? "machine" : "machines"}`;
  return [
    style.bold(`${stack}: the cluster ${config.cluster.name}, ${count}`),
    "",
    `Last update: ${renderUpdate(found, clock)}`,
    `Cluster: ${renderChecks(found)}`,
    ...renderAddress(found),
    "",
    renderTable(machines, valueOf(found.power, []), { ...clock, columns }),
    ...renderAttention(attention, style),
    "",
  ].join("\n");
}

function renderUpdate({ update }: Found, clock: { now: number; timeZone: string }): string {
  const last = valueOf(update, undefined);
  if (last === undefined) return "unknown";
  if (last === null) return "never";
  const end = last.endTime === undefined ? NaN : Date.parse(last.endTime) / 1000;
  const when = Number.isNaN(end) ? "" : `, ${renderTime(end, clock.now, clock.timeZone)}`;
  return `${last.kind} ${last.result}${when}`;
}

function renderChecks({ checks }: Found): string {
  const all = valueOf(checks, undefined);
  if (all === undefined) return "unknown";
  const ofNodes = all.filter(({ group }) => group === "nodes");
  const pass = ofNodes.filter(({ status }) => status === "pass").length;
  return `${pass} of ${ofNodes.length} checks of the nodes pass`;
}

/** Who holds the API server's virtual address. */
function renderAddress({ checks }: Found): string[] {
  const check = valueOf(checks, []).find(({ group }) => group === "endpoint");
  return check === undefined ? [] : [`API server: ${printable(check.found)}`];
}

function renderAttention(attention: readonly string[], style: Style): string[] {
  if (attention.length === 0) return ["Nothing needs attention."];
  return [
    style.bold("Needs attention"),
    ...attention.map((line) => wrapMessage(`  - ${line}`, style)),
  ];
}
