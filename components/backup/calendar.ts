/** systemd's calendar expressions (systemd.time(7)), as far as it takes to say how far apart their times may lie. */

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

const SHORTHANDS: Readonly<Record<string, string>> = {
  minutely: "*-*-* *:*:00",
  hourly: "*-*-* *:00:00",
  daily: "*-*-* 00:00:00",
  weekly: "Mon *-*-* 00:00:00",
  monthly: "*-*-01 00:00:00",
  quarterly: "*-01,04,07,10-01 00:00:00",
  semiannually: "*-01,07-01 00:00:00",
  yearly: "*-01-01 00:00:00",
  annually: "*-01-01 00:00:00",
};

const DAY = 86_400;
/** After 28 years weekdays and leap years come again as they were, until 2100, which is no leap year. */
const FIRST_YEAR = 2024;
const YEARS = 28;

interface Calendar {
  readonly weekdays: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** Days of a month; counted from its end where `fromEnd`. */
  readonly days: ReadonlySet<number>;
  readonly fromEnd: boolean;
  /** Seconds of a day, in order. */
  readonly times: readonly number[];
}

/** What a part such as "1,10..20/2" or "00/6" names between two bounds; undefined where that is not understood. */
function parsePart(text: string, low: number, high: number): number[] | undefined {
  const found: number[] = [];
  for (const item of text.split(",")) {
    const match = /^(?:\*|(\d{1,4})(?:\.\.(\d{1,4}))?)(?:\/(\d{1,4}))?$/.exec(item);
    if (match === null) return undefined;
    const [, from, to, step] = match;
    const first = from === undefined ? low : Number(from);
    const open = from === undefined || step !== undefined;
    const last = to === undefined ? (open ? high : first) : Number(to);
    const by = step === undefined ? 1 : Number(step);
    if (first < low || last > high || first > last || by === 0) return undefined;
    // systemd refuses a step without an end that leads nowhere.
    if (step !== undefined && to === undefined && first + by > last) return undefined;
    for (let value = first; value <= last; value += by) found.push(value);
  }
  return [...new Set(found)].sort((a, b) => a - b);
}

/** Numbers of weekdays, Monday's being 0; a range does not reach into the next week. */
function parseWeekdays(text: string): Set<number> | undefined {
  const found = new Set<number>();
  for (const item of text.replace(/,$/, "").toLowerCase().split(",")) {
    const [first = -1, last = first] = item.split("..").map(weekdayOf);
    if (first < 0 || last < first) return undefined;
    for (let day = first; day <= last; day++) found.add(day);
  }
  return found;
}

function weekdayOf(name: string): number {
  return WEEKDAYS.findIndex((full) => name === full || name === full.slice(0, 3));
}

function parseDate(text: string): Pick<Calendar, "months" | "days" | "fromEnd"> | undefined {
  const match = /^(?:\*-)?([\d*,./]+)([-~])([\d*,./]+)$/.exec(text);
  if (match === null) return undefined;
  const [, month = "", separator, day = ""] = match;
  const fromEnd = separator === "~";
  const months = parsePart(month, 1, 12);
  const days = fromEnd && !/^\d+$/.test(day) ? undefined : parsePart(day, 1, 31);
  if (months === undefined || days === undefined) return undefined;
  return { months: new Set(months), days: new Set(days), fromEnd };
}

function parseTimes(text: string): number[] | undefined {
  const match = /^([\d*,./]+):([\d*,./]+)(?::([\d*,./]+))?$/.exec(text);
  if (match === null) return undefined;
  const hours = parsePart(match[1] ?? "", 0, 23);
  const minutes = parsePart(match[2] ?? "", 0, 59);
  const seconds = parsePart(match[3] ?? "0", 0, 59);
  if (hours === undefined || minutes === undefined || seconds === undefined) return undefined;
  return hours.flatMap((h) => minutes.flatMap((m) => seconds.map((s) => h * 3600 + m * 60 + s)));
}

function parse(text: string): Calendar | undefined {
  const words = (SHORTHANDS[text.toLowerCase()] ?? text).trim().split(/ +/);
  // Which zone it is in moves all of its times by the same amount, but for the hour that summer adds.
  if (words.length > 1 && /^(UTC|[A-Za-z_]+\/[A-Za-z_/-]+)$/.test(words.at(-1) ?? "")) words.pop();
  const weekdays = /^[A-Za-z]/.test(words[0] ?? "") ? parseWeekdays(words.shift() ?? "") : null;
  const date = /[-~]/.test(words[0] ?? "") ? words.shift() : "*-*-*";
  const times = parseTimes(words.shift() ?? "00:00:00");
  const days = parseDate(date ?? "");
  if (weekdays === undefined || days === undefined || times === undefined || words.length > 0)
    return undefined;
  return { weekdays: weekdays ?? new Set([0, 1, 2, 3, 4, 5, 6]), ...days, times };
}

function includes(calendar: Calendar, day: Date): boolean {
  const last = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
  const date = day.getUTCDate();
  return (
    calendar.weekdays.has((day.getUTCDay() + 6) % 7) &&
    calendar.months.has(day.getUTCMonth() + 1) &&
    calendar.days.has(calendar.fromEnd ? last - date + 1 : date)
  );
}

/**
 * The most seconds that can pass from one time of a schedule to the next; Infinity where there is none, undefined
 * where the expression is not understood here (systemd itself looks at it on the machine).
 */
export function longestGap(schedule: string): number | undefined {
  if (!gaps.has(schedule)) gaps.set(schedule, measureGap(schedule));
  return gaps.get(schedule);
}

/** Of 56 years each day is looked at, and a configuration is read more than once in a run. */
const gaps = new Map<string, number | undefined>();

function measureGap(schedule: string): number | undefined {
  const calendar = parse(schedule);
  if (calendar === undefined) return undefined;
  const { times } = calendar;
  const first = times[0] ?? 0;
  const last = times.at(-1) ?? 0;
  let longest = Math.max(0, ...times.slice(1).map((time, i) => time - (times[i] ?? 0)));
  let before: number | undefined;
  for (let day = Date.UTC(FIRST_YEAR, 0, 1); day < Date.UTC(FIRST_YEAR + 2 * YEARS, 0, 1);) {
    if (includes(calendar, new Date(day))) {
      if (before !== undefined) longest = Math.max(longest, (day - before) / 1000 + first - last);
      before = day;
    }
    day += DAY * 1000;
  }
  return before === undefined ? Infinity : longest;
}
