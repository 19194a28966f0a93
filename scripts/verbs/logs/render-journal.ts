import { quote } from "../../kit/controller/power-controller";

export interface JournalQuery {
  /** A systemd unit, with or without its ending; the whole journal where none is named. */
  readonly unit: string | undefined;
  /** As journalctl takes it: "2 hours ago", "-1h", "yesterday", "2026-11-20 13:00". */
  readonly since: string | undefined;
  readonly lines: number | undefined;
  readonly follow: boolean;
}

/** What journalctl shows without --lines where it is to follow; else what a screen or two holds. */
const LINES = { follow: 10, look: 200 } as const;

/** What `sudo -n sh -eus` reads: journalctl, with each word quoted; its own input is empty. */
export function renderJournal({ unit, since, lines, follow }: JournalQuery): string {
  // With only a time, everything since then is shown; with only a number, the last lines.
  const unlimited = since !== undefined && lines === undefined;
  const number = lines ?? (follow ? LINES.follow : LINES.look);
  const words = [
    "--no-pager",
    "--output=short-iso",
    ...(unit === undefined ? [] : [`--unit=${unit}`]),
    ...(since === undefined ? [] : [`--since=${since}`]),
    ...(unlimited ? ["--lines=all"] : [`--lines=${number}`]),
    ...(follow ? ["--follow"] : []),
  ];
  return `exec journalctl ${words.map(quote).join(" ")} </dev/null\n`;
}

/** "30m" and "2h" as people write them; all else is journalctl's to understand. */
export function parseSince(text: string | undefined): string | undefined {
  return text !== undefined && /^\d+(\.\d+)?[a-z]+$/i.test(text) ? `-${text}` : text;
}
