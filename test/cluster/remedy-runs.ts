import assert from "node:assert/strict";
import type { z } from "zod";
import type { OperationsLab } from "../scripts/operations/lab";
import { planDocument } from "../scripts/remedy/cluster";
import type { TestCluster } from "./test-cluster";

type RemedyDocument = z.infer<typeof planDocument>;

const FIELDS =
  "{.kind} {.metadata.namespace}/{.metadata.name} {.metadata.uid} {.metadata.generation}";

/** `vmstation remedy`, each time after a dry run, which must show the same and leave everything as it is. */
export class RemedyRuns {
  /** The problems that something was really done about. */
  readonly mended = new Set<string>();

  constructor(
    private readonly cluster: TestCluster,
    private readonly lab: OperationsLab,
  ) {}

  async run(problem: string, ...target: string[]): Promise<RemedyDocument & { code: number }> {
    const before = await this.snapshot();
    const rehearsed = await this.call(problem, ...target, "--dry-run");
    assert.deepEqual(await this.snapshot(), before, "a dry run changes nothing");
    assert.deepEqual([rehearsed.code, rehearsed.results], [0, []]);
    const ran = await this.call(problem, ...target);
    assert.deepEqual(ran.actions, rehearsed.actions, "a dry run shows what is done");
    if (ran.results.some(({ done }) => done)) this.mended.add(problem);
    return ran;
  }

  private async call(...words: readonly string[]) {
    const ran = await this.lab.run("remedy", ...words, "--json", "--yes");
    assert.notEqual(ran.stdout, "", ran.stderr);
    return { code: ran.code, ...planDocument.parse(JSON.parse(ran.stdout)) };
  }

  /** What a remedy could change: objects by identity and generation, and who was logged in to but the controller. */
  private async snapshot(): Promise<string[]> {
    const kinds = "pods,deployments,daemonsets,jobs,nodes";
    const shown = `-o=jsonpath={range .items[*]}${FIELDS}{"\\n"}{end}`;
    const { stdout } = await this.cluster.kubectl(["get", kinds, "--all-namespaces", shown]);
    const elsewhere = this.lab.sessions().filter((line) => !line.startsWith("maple "));
    return [...stdout.trim().split("\n"), ...elsewhere];
  }
}
