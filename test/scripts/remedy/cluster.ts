import * as fs from "node:fs";
import { z } from "zod";
import type { OperationsLab } from "../operations/lab";

/** A cluster that kubectl's stand-in answers for: lists that a test writes, and a log of what changed them. */
export class StandInCluster {
  constructor(private readonly lab: OperationsLab) {
    for (const kind of ["nodes", "pods", "jobs", "deployments"]) this.has(kind);
    this.has("nodes", node("maple", "True"), node("hazel", "True"));
    lab.write(
      "bin/kubectl",
      `#!/bin/sh
case "$*" in
  *' get '*) kind=$3; cat "$BOX/kube/$kind.json" ;;
  *)
    shift
    printf '%s\\n' "$*" >>"$BOX/changes"
    case "$*" in *'-f -'*) cat >>"$BOX/changes"; echo >>"$BOX/changes" ;; esac
    if [ -e "$BOX/refuse" ]; then cat "$BOX/refuse" >&2; exit 1; fi
    # What is deleted is gone: a list of that kind is empty then.
    case "$*" in *' --raw '*/jobs/*) echo '{"items": []}' >"$BOX/kube/jobs.json" ;; esac
    ;;
esac
`,
      0o755,
    );
    lab.answer(
      "maple",
      `sed "s|/run/vmstation|$BOX/vmstation|g" | PATH="$BOX/bin:$PATH" exec sh -eus`,
    );
  }

  has(kind: string, ...items: readonly object[]): void {
    this.lab.write(`kube/${kind}.json`, JSON.stringify({ items }));
  }

  refuses(text: string): void {
    this.lab.write("refuse", `${text}\n`);
  }

  /** kubectl's words, and what it read, of all that was to change something. */
  changes(): string[] {
    const file = this.lab.at("changes");
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trimEnd().split("\n") : [];
  }
}

export function node(name: string, ready: string, labels: Record<string, string> = {}): object {
  return { metadata: { name, labels }, status: { conditions: [{ type: "Ready", status: ready }] } };
}

interface PodOptions {
  readonly namespace?: string;
  readonly machine?: string;
  readonly owner?: string;
  readonly looping?: boolean;
  /** In a crash loop too, and started again a moment ago. */
  readonly restarted?: boolean;
  readonly evicted?: boolean;
}

export function pod(name: string, options: PodOptions = {}): object {
  const { namespace = "default", machine = "hazel", owner, looping = false } = options;
  const waiting = { waiting: { reason: "CrashLoopBackOff" } };
  return {
    metadata: {
      ...{ name, namespace, uid: `uid-${name}` },
      ...(owner === undefined ? {} : { ownerReferences: [{ kind: owner, controller: true }] }),
    },
    spec: { nodeName: machine },
    status: {
      ...(options.evicted === true
        ? { phase: "Failed", reason: "Evicted", message: "The node was low on memory" }
        : { phase: "Running" }),
      containerStatuses: [
        {
          ...{ name: "main", restartCount: 7, ready: options.restarted !== true },
          state: looping ? waiting : { running: {} },
          ...(options.restarted === true ? { lastState: { terminated: { exitCode: 1 } } } : {}),
        },
      ],
    },
  };
}

export const planDocument = z.looseObject({
  exitCode: z.number(),
  actions: z.array(z.object({ id: z.string(), does: z.string(), why: z.string() })),
  refusals: z.array(z.object({ what: z.string(), why: z.string() })),
  results: z.array(z.object({ id: z.string(), done: z.boolean(), why: z.string() })),
});
