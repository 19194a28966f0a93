import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { Apps } from "../../../components/apps/apps";
import type { Handover } from "../../../components/apps/frame/hosted-app";
import { gitopsSchema, type GitopsConfig } from "../../../components/gitops/config";
import { gitopsFacts } from "../../../components/gitops/facts";
import { Gitops } from "../../../components/gitops/gitops";
import { renderAppsProject, renderRootProject } from "../../../components/gitops/render-projects";
import { renderClusterSecret, renderGrants } from "../../../components/gitops/render-roles";
import { renderValues } from "../../../components/gitops/render-values";
import { parseAgeKey, parseDeployKey } from "../../../components/gitops/secrets";
import { gitopsCharts } from "../../../components/versions";
import { checkConfig } from "../../../stacks/check";
import { controllerOf, type Site } from "../../../stacks/site";
import { takeOver } from "../../../stacks/take-over";
import {
  readCommentedKeys,
  readDefaults,
  requireChartValues,
  unknownKeys,
} from "../../support/chart-values";
import { type Change, changedHomelab } from "../../support/homelab";
import { named, type Recorded, recordGraph } from "../../support/mocks";
import { homelabSite } from "../../support/site";

const KEYS = {
  machine: "maple",
  repository: "git@git.example.org:me/home.git",
  path: "clusters/home",
  deployKeySecret: "gitopsKey",
  namespaces: ["mqtt", "gatus"],
};
const config = (changes: object = {}): GitopsConfig => gitopsSchema.parse({ ...KEYS, ...changes });

/** Lines of base64 between the marks, as OpenSSH's file has them; `kdf` is "none" without a passphrase. */
const keyFile = (kdf: string): string =>
  [
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    Buffer.from(`openssh-key-v1\0${kdf}${"S3CRET".repeat(20)}`).toString("base64"),
    "-----END OPENSSH PRIVATE KEY-----",
  ].join("\n");
const AGE_KEY = `AGE-SECRET-KEY-1${"Q".repeat(58)}`;

function record(changes: object, secrets: Record<string, string>): Promise<Recorded[]> {
  const build = (): unknown =>
    new Gitops(
      "gitops",
      {
        config: config(changes),
        host: undefined,
        secrets: (name) => {
          const value = secrets[name ?? ""];
          return value === undefined ? undefined : pulumi.secret(value);
        },
      },
      {},
    );
  return recordGraph(build, () => ({}));
}

describe("Argo CD", () => {
  const site = homelabSite([["gitops"], KEYS]);

  it("may fill its namespaces, and nothing that is in none", () => {
    const { destinations, clusterResourceWhitelist, namespaceResourceBlacklist } =
      renderAppsProject(config()).spec;
    assert.deepEqual(
      destinations.map(({ namespace }) => namespace),
      ["gatus", "mqtt"],
    );
    assert.deepEqual(clusterResourceWhitelist, []);
    assert.ok(namespaceResourceBlacklist.some(({ kind }) => kind === "ResourceQuota"));
  });

  it("is let by the cluster into these namespaces alone, whatever its projects say", () => {
    const grants = renderGrants(config());
    assert.deepEqual([...new Set(grants.map(({ namespace }) => namespace))], ["gatus", "mqtt"]);
    assert.equal(renderValues(config(), undefined).createClusterRoles, false);
    const cluster = renderClusterSecret(config());
    assert.deepEqual(
      [cluster.namespaces, cluster.clusterResources],
      ["argocd,gatus,mqtt", "false"],
    );
  });

  it("sets only values that its chart knows", function () {
    requireChartValues(this);
    const { chart, version } = gitopsCharts.argoCd;
    const values = renderValues(
      config({
        ageKeySecret: "age",
        knownHosts: ["git.lan ssh-ed25519 AAAA"],
        charts: { imageRegistry: "mirror.lan:5000" },
      }),
      "argocd.int.example.org",
    );
    const commented = readCommentedKeys(chart, version);
    assert.deepEqual(
      unknownKeys(values, readDefaults(chart, version), commented, [
        "configs.cm",
        "configs.params.server.insecure",
      ]),
      [],
    );
  });

  it("makes Applications of the repository, and none of the projects that bind them", () => {
    assert.deepEqual(renderRootProject(config()).spec.namespaceResourceWhitelist, [
      { group: "argoproj.io", kind: "Application" },
    ]);
  });

  it("has its namespaces made by the stack, each of which denies by default", () => {
    const names = site.facts.namespaces.map(({ name }) => name);
    for (const name of ["argocd", "mqtt", "gatus"]) assert.ok(names.includes(name), name);
    assert.equal(
      site.facts.namespaces.find(({ name }) => name === "argocd")?.podSecurity,
      "restricted",
    );
    const policies = gitopsFacts(config({ gitServer: "192.168.8.50/32" }), site).namespaces?.[0];
    const out = policies?.policies.filter(({ name }) => name.startsWith("argocd-to-git")) ?? [];
    assert.match(JSON.stringify(out[0]?.peers), /"except":\["10\.0\.0\.0\/8"/);
    assert.deepEqual(out[1]?.peers, [{ cidr: "192.168.8.50/32" }]);
  });

  describe("with its keys", () => {
    let graph: Recorded[];
    before(async () => {
      const changes = { ageKeySecret: "age" };
      graph = await record(changes, { gitopsKey: keyFile("none"), age: AGE_KEY });
    });

    it("has the repository in one Application, which waits for all that binds it", () => {
      const root = named(graph, "gitops-root");
      assert.match(
        JSON.stringify(root.inputs),
        /"path":"clusters\/home","repoURL":"git@git\.example\.org:me\/home\.git"/,
      );
      for (const before of ["gitops-project-root", "gitops-project-default", "gitops-repository"])
        assert.ok(root.dependencies.includes(before), before);
      const left = JSON.stringify(named(graph, "gitops-project-default").inputs.spec);
      assert.match(left, /"destinations":\[\],"sourceRepos":\[\]/);
    });

    it("has its keys in Secrets of the stack, and in no value of the chart", () => {
      for (const name of ["gitops-repository", "gitops-age-key"])
        assert.deepEqual(named(graph, name).secretInputs, ["stringData"]);
      const values = JSON.stringify(named(graph, "gitops-argocd").inputs);
      assert.ok(!values.includes("OPENSSH") && !values.includes("AGE-SECRET"));
      assert.match(values, /ksops:v[\d.]+@sha256:[0-9a-f]{64}/);
    });
  });

  it("reads no repository before its key is set", async () => {
    const names = (await record({}, {})).map(({ name }) => name);
    assert.ok(names.includes("gitops-argocd"));
    assert.ok(!names.includes("gitops-root") && !names.includes("gitops-repository"));
  });

  it("refuses what is no key, or one with a passphrase, and shows nothing of it", () => {
    assert.equal(parseDeployKey(keyFile("none"), "x"), `${keyFile("none")}\n`);
    assert.equal(parseAgeKey(`# created\n${AGE_KEY}\n`, "x"), `# created\n${AGE_KEY}\n`);
    const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
    const bad = [
      () => parseDeployKey("S3CRET", "vmstation:k"),
      () => parseDeployKey(keyFile("bcrypt"), "vmstation:k"),
      () => parseDeployKey(String(pem), "vmstation:k"),
      () => parseAgeKey("AGE-SECRET-KEY-1S3CRET", "vmstation:k"),
    ];
    for (const parse of bad) {
      assert.throws(
        parse,
        ({ message }: Error) =>
          message.startsWith("vmstation:k: expected") && !/S3CRET|UzNDUkVU/.test(message),
      );
    }
  });
});

const REJECTED: readonly [name: string, changes: Change[], path: string, found: RegExp][] = [
  [
    "a namespace of the stack's own",
    [[["gitops"], { ...KEYS, namespaces: ["monitoring"] }]],
    "gitops.namespaces[0]",
    /monitoring, which the stack itself fills/,
  ],
  [
    "Kubernetes' own namespace",
    [[["gitops"], { ...KEYS, namespaces: ["kube-system"] }]],
    "gitops.namespaces[0]",
    /kube-system, which is the cluster's own/,
  ],
  [
    "an app's namespace that was not handed over",
    [[["gitops"], { ...KEYS, namespaces: ["jellyfin"] }]],
    "gitops.namespaces[0]",
    /jellyfin, which the stack itself fills/,
  ],
  [
    "an app that is not there",
    [[["gitops"], { ...KEYS, apps: { notes: "prepared" } }]],
    "gitops.apps.notes",
    /no such app/,
  ],
  [
    "a machine that sleeps",
    [[["gitops"], { ...KEYS, machine: "hazel" }]],
    "gitops.machine",
    /hazel, which sleeps/,
  ],
  [
    "a repository over SSH without a key",
    [[["gitops"], { ...KEYS, deployKeySecret: undefined }]],
    "gitops.deployKeySecret",
    /nothing/,
  ],
  ["a name for the world", [[["gitops"], { ...KEYS, access: "public" }]], "gitops.access", /./],
  ["an empty revision", [[["gitops"], { ...KEYS, revision: "" }]], "gitops.revision", /""/],
  ["nothing to fill", [[["gitops"], { ...KEYS, namespaces: [] }]], "gitops.namespaces", /\[\]/],
];

describe("Argo CD is refused", () => {
  for (const [name, changes, path, found] of REJECTED) {
    it(name, () => {
      const { problems } = checkConfig(changedHomelab(...changes));
      assert.ok(
        problems.some((problem) => problem.path === path && found.test(problem.found)),
        JSON.stringify(problems),
      );
    });
  }
});

describe("an app that is handed over to Git", () => {
  const site: Site = homelabSite();
  const apps = (handover: Record<string, Handover>) =>
    recordGraph(
      () =>
        new Apps(
          "apps",
          {
            plans: site.apps,
            ...{ config: site.config.apps, machines: site.machines, handover, monitored: true },
            controller: controllerOf(site),
            ...{ access: { settings: site.config.remote }, secrets: () => undefined },
          },
          {},
        ),
      () => ({}),
    );
  const ofApp = (graph: readonly Recorded[]) =>
    graph.filter(({ name }) => name.startsWith("apps-jellyfin-"));

  it("keeps its objects in the cluster when they leave the program, once it is prepared", async () => {
    const graph = ofApp(await apps({ jellyfin: "prepared" }));
    const kept = graph.filter(({ retainOnDelete }) => retainOnDelete).map(({ name }) => name);
    assert.deepEqual(kept.sort(), [
      "apps-jellyfin-scripts",
      "apps-jellyfin-server",
      "apps-jellyfin-service",
    ]);
  });

  it("leaves them to Git then, and keeps its volumes, its limits and its alerts here", async () => {
    const names = ofApp(await apps({ jellyfin: "handed-over" })).map(({ name }) => name);
    for (const gone of ["scripts", "server", "service"])
      assert.ok(!names.includes(`apps-jellyfin-${gone}`), gone);
    for (const stays of ["quota", "config-claim", "config-volume", "alerts", "folders-spruce"])
      assert.ok(names.includes(`apps-jellyfin-${stays}`), stays);
  });

  it("is prepared without one object that is another one", async () => {
    const of = async (step: Record<string, "prepared">) =>
      ofApp(await apps(step)).map(({ name, inputs }) => ({ name, inputs }));
    assert.deepEqual(await of({ jellyfin: "prepared" }), await of({}));
  });

  it("comes back over the objects that are there, by the update that says so and no other", () => {
    const of = (step: string) =>
      takeOver(homelabSite([["gitops"], { ...KEYS, apps: { jellyfin: step } }]));
    assert.deepEqual(of("taken-back"), { upsertExistingObjects: true });
    for (const step of ["prepared", "handed-over"]) assert.deepEqual(of(step), {});
    assert.deepEqual(takeOver(homelabSite()), {});
  });

  it("has its objects in the program again when it comes back", async () => {
    const names = (graph: readonly Recorded[]) => ofApp(graph).map(({ name }) => name);
    assert.deepEqual(names(await apps({ jellyfin: "taken-back" })), names(await apps({})));
  });

  it("may be filled by Argo CD only while it is handed over", () => {
    const of = (step: string) => renderAppsProject(config({ apps: { jellyfin: step } })).spec;
    const spaces = (step: string) => of(step).destinations.map(({ namespace }) => namespace);
    for (const step of ["prepared", "taken-back"])
      assert.ok(!spaces(step).includes("jellyfin"), step);
    assert.ok(spaces("handed-over").includes("jellyfin"));
  });
});
