import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { comparePins } from "../../../scripts/verbs/promote/pins";
import { checkConfig } from "../../../stacks/check";
import { renderProblems } from "../../../stacks/errors";
import { listOpenQuestions } from "../../../stacks/open-questions";
import type { Site } from "../../../stacks/site";
import { valuesOf } from "../../support/homelab";
import type { Recorded } from "../../support/mocks";
import { recordStack } from "../../support/stack";

const ROOT = path.join(__dirname, "../../..");
const STACKS = ["lab", "homelab"] as const;

/** The example stacks are their owner's to change or to remove. */
const areHere = STACKS.every((stack) => fs.existsSync(path.join(ROOT, `Pulumi.${stack}.yaml`)));

function siteOf(stack: (typeof STACKS)[number]): Site {
  const text = fs.readFileSync(path.join(ROOT, `Pulumi.${stack}.yaml`), "utf8");
  const { site, problems } = checkConfig({ values: valuesOf(text), secretKeys: [] });
  if (site === undefined) throw new Error(renderProblems(stack, problems));
  return site;
}

/** The outermost components, each machine's own counted once. */
function layersOf(graph: readonly Recorded[]): string[] {
  const top = graph.filter(({ parent, custom }) => parent === "" && !custom);
  return [...new Set(top.map(({ type }) => type))];
}

/** What is installed by Helm, and from which chart: what promotion is about. */
function releasesOf(graph: readonly Recorded[]): string[] {
  return graph
    .filter(({ type }) => type === "kubernetes:helm.sh/v3:Release")
    .map(({ name, inputs }) => `${name} ${String(inputs.chart)} ${String(inputs.version)}`)
    .sort();
}

(areHere ? describe : describe.skip)("the lab, the stage before the homelab", () => {
  let lab: Site;
  let homelab: Site;
  before(() => {
    [lab, homelab] = [siteOf("lab"), siteOf("homelab")];
  });

  it("leaves nothing open but the host keys of its machines", () => {
    const open = listOpenQuestions(lab, "lab", () => false).map((warning) => warning.path);
    assert.deepEqual(open, [
      "machines.lab-compute.hostKey",
      "machines.lab-control.hostKey",
      "machines.lab-storage.hostKey",
    ]);
  });

  it("has the homelab's layers, in its order, with its charts in its versions", async () => {
    const [ofLab, ofHomelab] = [await recordStack(lab), await recordStack(homelab)];
    assert.deepEqual(layersOf(ofLab), layersOf(ofHomelab));
    assert.equal(layersOf(ofLab).length, 9);
    // The lab has no BMC to watch; everything else is tried there first.
    const withoutBmc = releasesOf(ofHomelab).filter((release) => !release.includes("ipmi"));
    assert.deepEqual(releasesOf(ofLab), withoutBmc);
  });

  it("sets no other version than the homelab, so that what passes may be promoted", () => {
    assert.deepEqual(comparePins(lab.config, homelab.config), []);
  });

  it("has a machine for each of the homelab's roles, and none of its addresses, MACs or names", () => {
    const shape = ({ machines }: Site): string[] =>
      machines.map((m) => [m.roles, m.power.mode, m.labels["vmstation.io/role"]].join(" ")).sort();
    assert.deepEqual(shape(lab), shape(homelab));
    const identities = ({ machines }: Site): string[] =>
      machines.flatMap((m) => [
        m.name,
        m.address,
        m.mac ?? "",
        m.bmc?.address ?? "",
        m.bmc?.mac ?? "",
      ]);
    const taken = new Set(identities(homelab).filter((identity) => identity !== ""));
    assert.deepEqual(
      identities(lab).filter((identity) => taken.has(identity)),
      [],
    );
    assert.notEqual(lab.config.cluster.name, homelab.config.cluster.name);
  });

  it("needs less memory and disk than the homelab, and sleeps sooner", () => {
    const sizes = ({ config }: Site): number[] => [
      config.monitoring?.prometheus.volumeSize ?? 0,
      config.monitoring?.loki.volumeSize ?? 0,
      config.monitoring?.grafana.volumeSize ?? 0,
      config.monitoring?.prometheus.resources.limits.memory ?? 0,
      config.monitoring?.loki.resources.limits.memory ?? 0,
      config.apps.jellyfin?.resources.limits.memory ?? 0,
      config.apps.jellyfin?.cacheSize ?? 0,
      config.power.idleAfter,
    ];
    const larger = sizes(homelab);
    for (const [i, size] of sizes(lab).entries()) assert.ok(size > 0 && size < (larger[i] ?? 0));
  });
});
