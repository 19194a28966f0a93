import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { z } from "zod";
import { chooseSeed, countCases } from "../support/cases";
import { generateCases, LIBRARY, PlacementLab } from "./placement/lab";
import { useCluster } from "./use-cluster";

/** Cases that share the cluster at a time. */
const BATCH = 150;

/** Parts of a pod's spec of which nothing is left undecided. */
const PLAIN: readonly string[] = ["ports", "taints", "nodes"];

/**
 * Whether pods that are there keep others away by the labels of their namespaces, which the controller does not know: it
 * says no then.
 */
const chooseNamespaces = (there: readonly unknown[]): boolean =>
  JSON.stringify(there).includes('"namespaceSelector"');

const openApi = z.object({
  definitions: z.looseObject({
    "io.k8s.api.core.v1.PodSpec": z.object({ properties: z.record(z.string(), z.unknown()) }),
  }),
});

/** The names that placement.py sorts the parts of a pod's spec into. */
function listKnown(): string[] {
  const code = `
import json, sys
sys.path.insert(0, sys.argv[1])
from placement import DECIDED_ELSEWHERE, IRRELEVANT, LOOKED_AT
print(json.dumps(sorted(DECIDED_ELSEWHERE | IRRELEVANT | LOOKED_AT)))`;
  const text = execFileSync("python3", ["-B", "-c", code, LIBRARY], { encoding: "utf8" });
  return z.array(z.string()).parse(JSON.parse(text));
}

describe("whether a pod would run on a machine, were it awake", () => {
  // Nobody plays the nodes' kubelets here: they are Ready from the beginning, and stay so.
  const getCluster = useCluster({ grace: 86_400 });

  it("takes every part of a pod's spec into account that there is", async () => {
    const { definitions } = openApi.parse(await getCluster().api.get("/openapi/v2"));
    const { properties } = definitions["io.k8s.api.core.v1.PodSpec"];
    assert.deepEqual(Object.keys(properties).sort(), listKnown());
  });

  it("is never said of one that the real scheduler refuses", async function () {
    const total = countCases(120);
    this.timeout(60_000 + total * 3000);
    const lab = new PlacementLab(getCluster());
    await lab.prepare();
    const seed = chooseSeed();
    const [wrong, missed]: [string[], string[]] = [[], []];
    const counts = { compared: 0, placed: 0, missed: 0, plain: 0, plainMissed: 0 };
    for (let first = 0; first < total; first += BATCH) {
      const cases = generateCases(seed, first, Math.min(BATCH, total - first));
      const compared = await lab.compare(cases);
      for (const { pod, features, before } of cases) {
        const [said, done] = compared.get(pod.metadata.name) ?? [];
        if (said === undefined || done === undefined) continue;
        const isPlain = features.every((one) => PLAIN.includes(one)) && !chooseNamespaces(before);
        counts.compared += 1;
        counts.placed += Number(done);
        counts.missed += Number(done && !said);
        counts.plain += Number(done && isPlain);
        counts.plainMissed += Number(done && !said && isPlain);
        const name = `${pod.metadata.name} (${features.join(", ")})`;
        if (said && !done) wrong.push(name);
        if (done && !said) missed.push(name);
      }
      console.log(
        `      seed ${seed}: ${counts.compared} pods, the scheduler placed ${counts.placed};` +
          ` ${counts.missed} of these were not foreseen (${missed.join("; ")}),` +
          ` of plain pods ${counts.plainMissed} of ${counts.plain}; wrong: ${wrong.length}`,
      );
    }
    assert.deepEqual(wrong, [], `seed ${seed}`);
    assert.ok(counts.compared > total / 2 && counts.placed > total / 8, "few cases say anything");
    assert.ok(counts.missed <= counts.placed * 0.05, `${counts.missed} of ${counts.placed}`);
    assert.equal(counts.plainMissed, 0);
  });
});
