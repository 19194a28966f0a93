import assert from "node:assert/strict";
import fc from "fast-check";
import {
  renderAppsProject,
  renderDefaultProject,
  renderRootProject,
} from "../../components/gitops/render-projects";
import type { Change } from "../support/homelab";
import { homelabSite } from "../support/site";
import { recordStack } from "../support/stack";
import type { KubeObject } from "./kube-object";
import { objectsOf } from "./plan-objects";
import { askArgoCd, type Case, type Question, type Wanted } from "./project-rules";
import { requireTools } from "./use-cluster";

const REPOSITORY = "https://git.example.org/me/home.git";
const GITOPS: Change = [
  ["gitops"],
  {
    ...{ machine: "maple", repository: REPOSITORY, namespaces: ["mqtt"] },
    apps: { jellyfin: "handed-over" },
  },
];
const FILLED = ["jellyfin", "mqtt"];

/** What people have in their repositories. */
const USUAL: readonly (readonly [group: string, kind: string])[] = [
  ...([
    ["apps", "Deployment"],
    ["apps", "StatefulSet"],
    ["", "Service"],
    ["", "Secret"],
  ] as const),
  ...([
    ["", "ConfigMap"],
    ["", "PersistentVolumeClaim"],
    ["batch", "CronJob"],
  ] as const),
  ...([
    ["networking.k8s.io", "NetworkPolicy"],
    ["networking.k8s.io", "Ingress"],
  ] as const),
];
const LIMITS = ["ResourceQuota", "LimitRange"];
const SYSTEM = ["default", "kube-system", "kube-public", "kube-node-lease"];

const CASES = Number(process.env.VMSTATION_CASES ?? 60);

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/);
const word = fc.stringMatching(/^[A-Za-z]{1,12}$/);
/** Beside what is configured: names that begin or end like it, and patterns that would fit it. */
const near = (names: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...names), label, fc.constantFrom("a-", "-a", "*", "?", "!", "", "A"))
    .chain(([name, other, sign]) => fc.constantFrom(name, other, name + sign, sign + name));

const group = fc.oneof(
  fc.constantFrom("", "apps", "argoproj.io", "rbac.authorization.k8s.io"),
  label,
);
const kind = fc.oneof(fc.constantFrom(...USUAL.map(([, each]) => each), ...LIMITS), word);

const config = fc.record({
  namespaces: fc.uniqueArray(label, { minLength: 1, maxLength: 4 }),
  repository: fc
    .tuple(label, label)
    .map(([owner, name]) => `https://git.example.org/${owner}/${name}.git`),
});

const isLimit = ({ group, kind }: Wanted): boolean =>
  group === "argoproj.io" || (group === "" && LIMITS.includes(kind));

describe("what Argo CD's own rules let the repository make", () => {
  let objects: readonly KubeObject[] = [];
  const project = (name: string): object => {
    const found = objects.find(
      ({ kind, metadata }) => kind === "AppProject" && metadata.name === name,
    );
    return found ?? assert.fail(name);
  };

  before(async function () {
    requireTools(this, ["argocd"]);
    objects = objectsOf(await recordStack(homelabSite(GITOPS))).map(({ object }) => object);
  });

  /** Whether the plan's project of this name permits each. */
  async function ask<Q extends Question>(name: string, questions: readonly Q[]): Promise<Q[]> {
    const [said = []] = await askArgoCd([{ project: project(name), questions }]);
    assert.equal(said.length, questions.length);
    return questions.filter((_, index) => said[index]);
  }
  const wantedOf = ({ apiVersion, kind, metadata }: KubeObject): Wanted => {
    const [group = "", version] = apiVersion.split("/");
    const { name, namespace } = metadata;
    const place = namespace === undefined ? {} : { namespace };
    return { group: version === undefined ? "" : group, kind, name, ...place };
  };

  it("is nothing that the stack has made outside of its namespaces, nor their limits", async () => {
    const owned = objects
      .map(wantedOf)
      .filter((each) => !FILLED.includes(each.namespace ?? "") || isLimit(each));
    const kinds = new Set(owned.map((each) => each.kind));
    for (const each of [
      "Namespace",
      "PersistentVolume",
      "ClusterRole",
      "ResourceQuota",
      "AppProject",
    ])
      assert.ok(kinds.has(each), each);
    const refused = owned.filter((each) => each.kind !== "Application");
    for (const name of ["apps", "root", "default"])
      assert.deepEqual(await ask(name, refused), [], name);
  });

  it("is nothing in any other namespace, whatever it is", async () => {
    const made = objects
      .filter((each) => each.kind === "Namespace")
      .map((each) => each.metadata.name);
    const others = [...SYSTEM, ...made].filter((each) => !FILLED.includes(each));
    assert.ok(others.includes("argocd") && others.includes("monitoring"), others.join(" "));
    const questions = others.flatMap((namespace) =>
      USUAL.map(([group, kind]) => ({ group, kind, namespace, name: "x" })),
    );
    for (const name of ["apps", "root", "default"])
      assert.deepEqual(await ask(name, questions), [], name);
  });

  it("is what people have in their repositories, in the namespaces that are configured", async () => {
    const questions = FILLED.flatMap((namespace) =>
      USUAL.map(([group, kind]) => ({ group, kind, namespace, name: "x" })),
    );
    assert.deepEqual(await ask("apps", questions), questions);
    const source = { source: "https://charts.example.org" };
    assert.deepEqual(await ask("apps", [source]), [source]);
  });

  it("is Applications alone for the root, from the repository that is configured", async () => {
    const application = {
      ...{ group: "argoproj.io", kind: "Application", namespace: "argocd", name: "x" },
    };
    const wider = [
      { ...application, kind: "AppProject" },
      { ...application, kind: "ApplicationSet" },
    ];
    assert.deepEqual(await ask("root", [application, ...wider]), [application]);
    const sources = [REPOSITORY, "https://git.example.org/me/other.git", "https://example.org"];
    const questions = sources.map((source) => ({ source }));
    assert.deepEqual(await ask("root", questions), [{ source: REPOSITORY }]);
    assert.deepEqual(await ask("default", questions), []);
  });

  it("is the same for every configuration, kind, name and namespace", async () => {
    const asked = config.chain((each) => {
      const wanted = fc.record(
        { group, kind, name: label, namespace: near([...each.namespaces, "argocd"]) },
        { requiredKeys: ["group", "kind", "name"] },
      );
      const source = near([each.repository]).map((name) => ({ source: name }));
      return fc.record({
        config: fc.constant(each),
        wanted: fc.array(wanted, { minLength: 20, maxLength: 20 }),
        sources: fc.array(source, { minLength: 5, maxLength: 5 }),
      });
    });
    const seed = Number(process.env.VMSTATION_SEED ?? Date.now());
    const samples = fc.sample(asked, { numRuns: CASES, seed });
    const expected: boolean[][] = [];
    const cases = samples.flatMap(({ config, wanted, sources }): Case[] => {
      const full = { ...config, apps: {} };
      const inside = (each: Wanted) => config.namespaces.includes(each.namespace ?? "");
      expected.push(wanted.map((each) => inside(each) && !isLimit(each)));
      expected.push(
        wanted.map((each) => {
          const { group, kind, namespace } = each;
          return namespace === "argocd" && group === "argoproj.io" && kind === "Application";
        }),
      );
      expected.push(sources.map(({ source }) => source === config.repository));
      expected.push(wanted.map(() => false));
      return [
        { project: renderAppsProject(full), questions: wanted },
        { project: renderRootProject(full), questions: wanted },
        { project: renderRootProject(full), questions: sources },
        { project: renderDefaultProject(), questions: wanted },
      ];
    });
    const said = await askArgoCd(cases);
    const permitted = said.flat().filter(Boolean).length;
    assert.ok(permitted > CASES, `only ${permitted} permitted: seed ${seed}`);
    for (const [index, each] of cases.entries())
      assert.deepEqual(said[index], expected[index], `seed ${seed}: ${JSON.stringify(each)}`);
  });
});
