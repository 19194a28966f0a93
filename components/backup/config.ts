import { z } from "zod";
import { absolutePath, duration } from "../shared/scalars";
import { parseDuration } from "../shared/units";
import { longestGap } from "./calendar";

/** The sets of backups. Each has its own repository, so damage to one leaves the others intact. */
export const SETS = ["etcd", "monitoring", "apps"] as const;

export type BackupSet = (typeof SETS)[number];

const schedule = z
  .string("a systemd calendar expression such as 03:30 (quoted in YAML)")
  .regex(
    /^[A-Za-z0-9*/:,.~ -]{1,64}$/,
    'a systemd calendar expression such as "03:30" or "Sun 05:00"',
  );

/**
 * Refuses an alert that would fire between two regular runs. The error names the key that the user wrote: `usual` is
 * the default of overdueAfter.
 */
function refuseOverdue(usual: string) {
  return (
    { schedule, overdueAfter }: { schedule: string; overdueAfter: number },
    ctx: z.RefinementCtx,
  ): void => {
    const gap = longestGap(schedule);
    if (gap === undefined || gap < overdueAfter) return;
    const refuse = (key: "schedule" | "overdueAfter", message: string): void => {
      ctx.addIssue({ code: "custom", path: [key], message });
    };
    const hours = `${Math.ceil(gap / 3600)}h`;
    if (gap === Infinity) refuse("schedule", 'a time that comes, such as "Sun 05:00"');
    else if (overdueAfter === parseDuration(usual))
      refuse(
        "schedule",
        `one that comes more often than every ${usual}, or an overdueAfter longer than ${hours}`,
      );
    else
      refuse(
        "overdueAfter",
        `a duration longer than ${hours}, the longest time that the schedule "${schedule}" leaves`,
      );
  };
}

const setSchema = (d: {
  schedule: string;
  keepLast: number;
  keep: string;
  overdueAfter: string;
  about: string;
}) =>
  z
    .strictObject({
      schedule: schedule
        .prefault(d.schedule)
        .describe("When, as a calendar expression of systemd. A run that was missed is done later"),
      keepLast: z
        .int()
        .min(1)
        .max(1000)
        .prefault(d.keepLast)
        .describe("Number of newest backups that are kept, no matter how old they are"),
      keep: duration.prefault(d.keep).describe("Backups younger than this are kept"),
      overdueAfter: duration
        .prefault(d.overdueAfter)
        .describe("An alert fires if the last one is older than this"),
    })
    .prefault({})
    .describe(d.about)
    .superRefine(refuseOverdue(d.overdueAfter));

const CHECK_OVERDUE = "15d";

const checkSchema = z
  .strictObject({
    schedule: schedule
      .prefault("Sun 05:00")
      .describe("When the backups are read and compared, as a calendar expression of systemd"),
    subset: z
      .string("a share such as 10%")
      .regex(/^(100|[1-9]?[0-9](\.[0-9]+)?)%$/, "a share such as 10%")
      .refine((share) => Number.parseFloat(share) > 0, "a share above 0%, such as 10%")
      .prefault("10%")
      .describe("Share of each repository's data that is read at each check"),
    overdueAfter: duration
      .prefault(CHECK_OVERDUE)
      .describe("An alert fires if the last one is older than this"),
  })
  .prefault({})
  .describe("Regular checks that the backups can be read")
  .superRefine(refuseOverdue(CHECK_OVERDUE));

/** Backups by restic, in encrypted repositories on the controller. */
export const backupSchema = z
  .strictObject({
    enabled: z.boolean().prefault(true).describe("Whether backups are made by timers"),
    repository: absolutePath
      .prefault("/srv/backups/vmstation")
      .describe("Folder on the controller. Use a disk of its own if there is one"),
    hold: duration
      .prefault("2h")
      .describe("Longest time that a machine is held awake for its backup"),
    etcd: setSchema({
      schedule: "*-*-* 00/6:15",
      keepLast: 8,
      keep: "14d",
      overdueAfter: "13h",
      about: "The cluster's state, and the control plane's certificates",
    }),
    monitoring: setSchema({
      schedule: "03:30",
      keepLast: 2,
      keep: "7d",
      overdueAfter: "50h",
      about: "Metrics, dashboards and logs",
    }),
    apps: setSchema({
      schedule: "04:15",
      keepLast: 7,
      keep: "30d",
      overdueAfter: "50h",
      about: "What the apps keep, wherever they run",
    }),
    check: checkSchema,
  })
  .prefault({})
  .describe("Backups of etcd, monitoring and the apps");

export type BackupConfig = z.infer<typeof backupSchema>;
