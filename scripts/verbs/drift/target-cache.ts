import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readOptional } from "../../kit/stack-file/project";
import { connectionSchema } from "../../kit/ssh/connection";
import type { MachineTargets } from "../../kit/look/targets";

const scriptSchema = z.object({
  ...{ step: z.string(), checks: z.boolean(), confirms: z.array(z.string()) },
  ...{ stdin: z.string(), update: z.string(), secret: z.literal(false) },
});

const targetSchema = z.object({
  urn: z.string(),
  name: z.string(),
  after: z.array(z.string()).transform((urns) => new Set(urns)),
  script: z.union([scriptSchema, z.string()]),
});

const cacheSchema = z.object({
  /** See digestProgram. */
  digest: z.string(),
  machines: z.array(
    z.object({
      machine: z.object({
        ...{ name: z.string(), address: z.string(), sleeps: z.boolean(), offline: z.boolean() },
      }),
      connection: connectionSchema.optional(),
      targets: z.array(targetSchema),
    }),
  ),
});

/** What a stack's last plan asked of its machines, kept for as long as all that it was made from stays the same. */
export class TargetCache {
  private readonly file: string;

  /** `folder` is the project's `.vmstation`; `digest` says what the plan is made from. */
  constructor(
    private readonly folder: string,
    stack: string,
    private readonly digest: string,
  ) {
    this.file = join(folder, `targets-${encodeURIComponent(stack)}.json`);
  }

  /** Undefined if no entry is valid; a damaged entry counts as none. */
  read(): MachineTargets[] | undefined {
    const { data } = cacheSchema.safeParse(parseJson(readOptional(this.file)));
    if (data?.digest !== this.digest) return undefined;
    return data.machines.map(({ machine, connection, targets }) => ({
      ...{ machine, connection, targets },
    }));
  }

  /** Keeps them, readable to the operator alone; one with a secret in it is not kept at all, nor is an older one. */
  write(machines: readonly MachineTargets[]): void {
    if (machines.some(holdsSecret)) {
      rmSync(this.file, { force: true });
      return;
    }
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const fresh = `${this.file}.${String(process.pid)}`;
    writeFileSync(fresh, JSON.stringify({ digest: this.digest, machines }, sets), { mode: 0o600 });
    renameSync(fresh, this.file);
  }
}

function holdsSecret({ connection, targets }: MachineTargets): boolean {
  return (
    connection?.privateKey !== undefined ||
    targets.some(({ script }) => typeof script !== "string" && script.secret)
  );
}

function sets(_: string, value: unknown): unknown {
  return value instanceof Set ? [...value] : value;
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
