import { cut, renderDuration } from "../../terminal/duration";
import { printable } from "../../terminal/printable";
import type { Style } from "../../terminal/style";
import type { News, Running, RunModel } from "./run-model";

const SYMBOLS: Readonly<Record<string, string>> = {
  create: "+",
  "create-replacement": "+",
  delete: "-",
  "delete-replaced": "-",
  replace: "±",
};

/** Live lines at most; a terminal has 24. */
const LIVE_LINES = 12;

/** What a machine or the engine says, in one line. */
function flat(text: string): string {
  return printable(text).replace(/\s+/g, " ").trim();
}

/** `+ node-alpha-system                    14 s`, in `width` columns. */
function renderRow(mark: string, name: string, seconds: number, width: number): string {
  const time = renderDuration(seconds);
  const room = width - 4 - time.length;
  return `${mark} ${cut(flat(name), room).padEnd(room)}  ${time}`;
}

/** What is told at once, as lines that stay. */
export function renderNews(news: News, style: Style, width: number): string[] {
  if ("text" in news) {
    const mark = news.kind === "info" ? "" : "warning: ";
    return style.hang("  ", printable(`${mark}${news.text}`), "  ");
  }
  const { name, op, seconds } = news.resource;
  if (news.kind === "failed") return [style.bold(renderRow("✗", name, seconds, width))];
  return [renderRow(SYMBOLS[op] ?? "~", name, seconds, width)];
}

/** What is going on right now, in lines that are drawn again and again. */
export function renderLive(
  model: Pick<RunModel, "running" | "changes">,
  total: number | undefined,
  times: { readonly start: number; readonly now: number },
  size: { readonly width: number; readonly height: number },
  next: readonly string[] = [],
): string[] {
  const done = [...model.changes.values()].reduce((sum, count) => sum + count, 0);
  const of = total === undefined ? "" : ` of ${total}`;
  const elapsed = renderDuration((times.now - times.start) / 1000);
  const head = `— ${done}${of} changes done, ${elapsed}`;
  const running = [...model.running.values()].sort((a, b) => a.since - b.since);
  const room = Math.max(Math.min(LIVE_LINES, size.height - 5), 1);
  const shown = running.slice(0, room).map((each) => renderRunning(each, times.now, size.width));
  const more = running.length - shown.length;
  const soon = next.length === 0 ? [] : [cut(`  next: ${next.map(flat).join(", ")}`, size.width)];
  return [cut(head, size.width), ...shown, ...(more > 0 ? [`  and ${more} more`] : []), ...soon];
}

function renderRunning({ name, since, says }: Running, now: number, width: number): string {
  const head = `  ${flat(name)}  ${renderDuration((now - since) / 1000)}`;
  return cut(`${head}  ${flat(says)}`.trimEnd(), width);
}
