import { completeCommands, renderCommand } from "../advice";
import { z } from "zod";
import { printable } from "../terminal/printable";
import { parseJson } from "../parse-json";
import type { Operator } from "../ssh/operator";
import { EXIT, type ExitCode, UserError } from "../user-error";

/** The installed entry; a request's words reach it as JSON on standard input, and no shell. */
const COMMAND = "sudo -n /usr/local/bin/vmstation-backup request";

const SSH_FAILED = 255;

/** What the entry takes; see components/backup/files/lib/main.py. */
export interface BackupRequest {
  readonly verb: "run" | "start" | "list" | "status" | "restore";
  /** A set, one of its parts, or all. */
  readonly what?: string;
  /** The first letters of a snapshot's id. */
  readonly snapshot?: string | undefined;
  /** A folder on the controller. */
  readonly target?: string | undefined;
  readonly "dry-run"?: boolean;
  readonly json?: boolean;
}

/** One snapshot, as the controller lists it. */
export const snapshotSchema = z.object({
  set: z.string(),
  item: z.string(),
  /** UTC, "2026-11-20T14:00:00Z". */
  time: z.string(),
  id: z.string(),
  short: z.string(),
  /** Whether some files could not be read when it was taken. */
  incomplete: z.boolean().prefault(false),
});

/** What the last run of one item came to; sizes in bytes, times in Unix seconds. */
export const statusSchema = z.object({
  set: z.string(),
  item: z.string(),
  success: z.number().nullable(),
  failed: z.boolean(),
  error: z.string().nullish(),
  size: z.number().optional(),
  added: z.number().optional(),
  seconds: z.number().optional(),
});

export type Snapshot = z.infer<typeof snapshotSchema>;
export type Status = z.infer<typeof statusSchema>;

/** The backups on the controller, asked over SSH. */
export class BackupController {
  constructor(
    private readonly operator: Pick<Operator, "run" | "controller" | "stack">,
    /** Gets what the controller says while it works, as it comes. */
    private readonly onProgress: (text: string) => void,
  ) {}

  /** Throws UserError where the controller cannot be asked. */
  async ask(request: BackupRequest): Promise<{ code: ExitCode; stdout: string }> {
    const { controller, stack } = this.operator;
    const { code, stdout, stderr } = await this.operator.run(controller, {
      command: COMMAND,
      input: JSON.stringify(request),
      onError: (chunk) => {
        const said = printable(Buffer.from(chunk).toString("utf8"));
        this.onProgress(completeCommands(said, { stack }));
      },
    });
    if (code === SSH_FAILED) {
      const cause = printable(stderr.trim()) || "no connection";
      throw new UserError(`${controller.name} does not answer: ${cause}`);
    }
    if (code !== 0 && stderr.includes("vmstation-backup: command not found")) {
      throw new UserError(
        `Backups are not installed on ${controller.name} yet. Run: ${renderCommand({ stack }, "up")}`,
      );
    }
    return {
      code: Object.values(EXIT).find((known) => known === code) ?? EXIT.couldNotRun,
      stdout,
    };
  }

  /** The snapshots of a set or item, newest first. */
  list(what: string): Promise<Snapshot[]> {
    return this.read({ verb: "list", what, json: true }, z.array(snapshotSchema));
  }

  /** What each item's last run came to. */
  status(): Promise<Status[]> {
    return this.read({ verb: "status" }, z.array(statusSchema));
  }

  private async read<T>(request: BackupRequest, schema: z.ZodType<T>): Promise<T> {
    const { code, stdout } = await this.ask(request);
    const parsed = schema.safeParse(parseJson(stdout));
    if (parsed.success) return parsed.data;
    const { name } = this.operator.controller;
    throw new UserError(
      `The backup program on ${name} gave no readable answer (code ${code}). Its own message is above.`,
    );
  }
}
