import assert from "node:assert/strict";
import { z } from "zod";
import type { Recorded } from "../support/mocks";
import { homelabSite } from "../support/site";
import { recordStack, SECRETS } from "../support/stack";
import { ChartRepository } from "./charts";
import { applyCrds } from "./crds";
import { addNodes } from "./nodes";
import { applyObjects, inOrder, objectsOf, plannedNodes } from "./plan-objects";
import { installRelease, isRelease, parseRelease, type Release } from "./releases";
import { requireTools, useCluster } from "./use-cluster";

const NAMESPACE = "monitoring";

const listed = z.array(
  z.object({ name: z.string(), chart: z.string(), status: z.string(), revision: z.string() }),
);
const values = z.object({ data: z.object({ values: z.string() }) });

describe("the stack's releases, with charts of our own in the place of the real ones", () => {
  const getCluster = useCluster();
  let repository: ChartRepository;
  let recorded: Recorded[];
  let releases: Release[];
  /** Where the suite was left out, nothing was begun. */
  let end = (): void => undefined;

  before(async function () {
    requireTools(this, ["helm"]);
    repository = await ChartRepository.open(getCluster());
    end = () => {
      repository.close();
    };
    recorded = await recordStack(
      homelabSite(
        [["monitoring", "charts", "repository"], repository.url],
        [["monitoring", "charts", "timeout"], "40s"],
      ),
    );
    releases = inOrder(recorded).filter(isRelease).map(parseRelease);
    await applyCrds(getCluster());
    await addNodes(getCluster(), plannedNodes());
    await applyObjects(
      getCluster(),
      objectsOf(recorded).map(({ object }) => object),
    );
    for (const { chart, version, skipAwait } of releases)
      await repository.add({ name: chart, version, kind: skipAwait ? "DaemonSet" : "Deployment" });
  });

  after(() => {
    end();
  });

  const list = async (): Promise<z.infer<typeof listed>> => {
    const { stdout } = await getCluster().helm([
      "list",
      "--namespace",
      NAMESPACE,
      "--output",
      "json",
    ]);
    return listed.parse(JSON.parse(stdout));
  };

  const release = (name: string): Release => {
    const found = releases.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no release ${name}`);
    return found;
  };

  it("are installed by Helm from a repository of one's own, in the order of the graph", async () => {
    for (const each of releases) await installRelease(getCluster(), each);
    assert.deepEqual(
      (await list()).map(({ name, chart, status }) => [name, chart, status]).sort(),
      releases.map(({ name, chart, version }) => [name, `${chart}-${version}`, "deployed"]).sort(),
    );
  });

  it("hand our values to their charts, whole", async () => {
    for (const { name, values: ours } of releases) {
      const object = await getCluster().api.get(
        `/api/v1/namespaces/${NAMESPACE}/configmaps/${name}-values`,
      );
      const theirs: unknown = JSON.parse(values.parse(object).data.values);
      assert.deepEqual({ global: {}, ...ours }, { global: {}, ...z.looseObject({}).parse(theirs) });
    }
  });

  it("carry no secret in their values", () => {
    const text = JSON.stringify(releases);
    for (const secret of [...Object.values(SECRETS), "generated"])
      assert.ok(!text.includes(`"${secret}"`), secret);
  });

  it("are undone when their pods do not get ready, and the earlier revision is back", async () => {
    const { name, chart, version } = release("loki");
    await repository.add({ name: chart, version: "99.0.0", kind: "Deployment", stuck: true });
    const { code, stderr } = await installRelease(
      getCluster(),
      { ...release("loki"), version: "99.0.0", timeout: 3 },
      { anyCode: true },
    );
    assert.equal(code, 1);
    assert.match(stderr, /rolled back due to atomic being set/);
    const found = (await list()).find((each) => each.name === name);
    assert.deepEqual(
      [found?.chart, found?.status, found?.revision],
      [`${chart}-${version}`, "deployed", "3"],
    );
  });

  it("with a DaemonSet do not wait for a pod that cannot get ready, on a machine asleep", async () => {
    const { name, chart } = release("alloy");
    await repository.add({ name: chart, version: "99.0.0", kind: "DaemonSet", stuck: true });
    await installRelease(getCluster(), { ...release("alloy"), version: "99.0.0", timeout: 3 });
    const found = (await list()).find((each) => each.name === name);
    assert.deepEqual([found?.chart, found?.status], [`${chart}-99.0.0`, "deployed"]);
  });
});
