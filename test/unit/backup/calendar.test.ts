import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { longestGap } from "../../../components/backup/calendar";

const HOUR = 3600;
const DAY = 24 * HOUR;
const SHIFT = Date.UTC(2100, 1, 28) / 1000;
const CASES = Number(process.env.VMSTATION_CASES ?? 12);

/** The times that systemd itself finds, in Unix seconds; undefined where it does not take the expression. */
function askSystemd(schedule: string, count: number): number[] | undefined {
  const options = [`--iterations=${count}`, "--base-time=2024-01-01 00:00:00 UTC"];
  const { status, stdout } = spawnSync("systemd-analyze", ["calendar", ...options, schedule], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" },
  });
  if (status !== 0) return undefined;
  const found = stdout.matchAll(/(?:Next elapse|Iter\. #\d+): (\w{3} [\d-]+ [\d:]+) UTC/g);
  return [...found].map(
    ([, time = ""]) => Date.parse(`${time.slice(4).replace(" ", "T")}Z`) / 1000,
  );
}

/**
 * Of steps without an end only those that meet the end of the hour or the day, as people write them (0/15, 2/2): after
 * others, such as *:0/7, systemd 252 leaves out the first time past midnight.
 */
const openStep = (size: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.integer({ min: 0, max: size - 2 }), fc.integer({ min: 1, max: size }))
    .filter(([from, step]) => (size - from) % step === 0 && from + step < size)
    .map(([from, step]) => `${from}/${step}`);

const part = (low: number, high: number): fc.Arbitrary<string> => {
  const number = fc.integer({ min: low, max: high });
  const item = fc.oneof(
    number.map(String),
    fc.tuple(number, number).map(([a, b]) => `${Math.min(a, b)}..${Math.max(a, b)}`),
    // Months and their days end differently each time.
    ...(low === 0 ? [openStep(high + 1)] : []),
    fc
      .tuple(number, number, fc.integer({ min: 1, max: 9 }))
      .map(([a, b, step]) => `${Math.min(a, b)}..${Math.max(a, b)}/${step}`),
  );
  return fc.oneof(
    fc.constant("*"),
    fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(",")),
  );
};

const weekday = fc.constantFrom("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "sunday", "MON");
const weekdays = fc.oneof(
  fc.constant(""),
  fc.array(weekday, { minLength: 1, maxLength: 3 }).map((days) => `${days.join(",")} `),
  fc.constantFrom("Mon..Fri ", "Sat,Sun ", "Fri..Mon ", "Sat..Sun "),
);
const time = fc
  .tuple(part(0, 23), part(0, 59), fc.constantFrom("", ":00", ":30"))
  .map(([hour, minute, second]) => `${hour}:${minute}${second}`);
/** Days that most months have, so that the times that are asked for reach over years. */
const date = fc.oneof(
  fc.constant("*-*-* "),
  fc.tuple(part(1, 12), part(1, 28)).map(([month, day]) => `*-${month}-${day} `),
  part(1, 12).map((month) => `${month}-01 `),
  fc.constantFrom("*-*~01 ", "*-02~03 ", ""),
);
const calendar = fc.oneof(
  fc.constantFrom("hourly", "daily", "weekly", "monthly", "quarterly", "semiannually", "yearly"),
  fc.tuple(weekdays, date, time, fc.constantFrom("", " UTC")).map((words) => words.join("")),
);

describe("the longest time between two backups", () => {
  it("is known of the usual schedules", () => {
    const known: readonly (readonly [string, number])[] = [
      ["*-*-* 00/6:15", 6 * HOUR],
      ["03:30", DAY],
      ["Sun 05:00", 7 * DAY],
      ["Mon..Fri 04:00", 3 * DAY],
      ["Sat,Sun 04:00 Europe/Berlin", 6 * DAY],
      ["*-*-01 04:00", 31 * DAY],
      ["*-02-29 04:00", 4 * 365 * DAY + DAY],
      ["*-02-31", Infinity],
      ["*:0/15", 15 * 60],
      ["08,20:00", 12 * HOUR],
      ["daily", DAY],
      ["yearly", 366 * DAY],
    ];
    for (const [schedule, gap] of known) assert.equal(longestGap(schedule), gap, schedule);
    for (const odd of ["nonsense", "25:00", "*-13-01", "Sun 05:00 05:00", "2030-*-* 04:00", ""])
      assert.equal(longestGap(odd), undefined, odd);
  });

  it("is what systemd makes of any schedule", function () {
    if (spawnSync("systemd-analyze", ["--version"]).error !== undefined) this.skip();
    this.timeout(600_000);
    fc.assert(
      fc.property(calendar, (schedule) => {
        const gap = longestGap(schedule);
        const found = askSystemd(schedule, 400);
        assert.equal(gap === undefined, found === undefined, schedule);
        if (gap === undefined || found === undefined) return;
        if (found.length === 0) assert.equal(gap, Infinity, schedule);
        // The leap year that 2100 is not makes longer gaps than any before; nobody's backups wait for them.
        const times = found.filter((at) => at < SHIFT);
        const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
        // Of the times that follow each other closely, 400 do not reach the longest gap.
        const isSeen = (times.at(-1) ?? 0) - (times[0] ?? 0) > 28 * 366 * DAY;
        const most = Math.max(...gaps);
        if (isSeen) assert.equal(most, gap, schedule);
        else if (gaps.length > 0) assert.ok(most <= gap, `${schedule}: ${most} > ${gap}`);
      }),
      { numRuns: CASES },
    );
  });
});
