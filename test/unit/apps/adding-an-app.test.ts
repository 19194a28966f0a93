import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import * as registry from "../../../components/apps/registry";
import { AddedApps } from "../../support/fixtures/apps/added-apps";
import { named, type Recorded } from "../../support/mocks";

const POWER = path.join(__dirname, "../../../components/power");

describe("the power layer", () => {
  it("knows no app by name", () => {
    const files = fs
      .readdirSync(POWER, { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(ts|py|sh|service)$/.test(file));
    assert.ok(files.length > 40);
    const names = new RegExp(Object.keys(registry).join("|"), "i");
    const found = files.filter((file) =>
      names.test(fs.readFileSync(path.join(POWER, file), "utf8")),
    );
    assert.deepEqual(found, []);
  });
});

describe("an app that was added as CONTRIBUTING says", function () {
  this.timeout(60_000);
  let added: AddedApps;
  let graph: Recorded[];
  before(async () => {
    added = new AddedApps();
    graph = await added.record(added.site({ machine: "hazel" }));
  });
  after(() => {
    added.remove();
  });

  const children = (parent: string): string[] =>
    graph.filter((r) => r.parent === parent).map((r) => r.name.replace(`${parent}-`, ""));
  const text = (name: string): string => JSON.stringify(named(graph, name).inputs);

  it("is its folder and a line in the registry", () => {
    assert.deepEqual(added.changes(), [
      "+ components/apps/notes/files/probe.py",
      "+ components/apps/notes/notes.ts",
      "+ components/apps/pages/pages/kustomization.yaml",
      "+ components/apps/pages/pages/pages.yaml",
      "+ components/apps/pages/pages.ts",
      "M components/apps/registry.ts",
    ]);
  });

  it("has everything that the frame gives, and its own two objects", () => {
    assert.deepEqual(children("apps-notes").sort(), [
      "alerts",
      "folders-hazel",
      "limits",
      "notes-claim",
      "notes-volume",
      "quota",
      "server",
      "service",
    ]);
  });

  it("has a namespace under Pod Security restricted that admits only the connections of its policies", () => {
    assert.match(text("network-notes"), /"pod-security.kubernetes.io\/enforce":"restricted"/);
    const policies = graph.filter((r) => r.name.startsWith("network-notes-"));
    assert.deepEqual(
      policies.map(({ name }) => name.replace("network-notes-", "")),
      ["default-deny", "notes-from-lan", "dns"],
    );
  });

  it("keeps its notes on its machine's disk, in a volume for its claim alone", () => {
    const volume = z.looseObject({ spec: z.looseObject({}) });
    const { spec } = volume.parse(named(graph, "apps-notes-notes-volume").inputs);
    assert.deepEqual(spec.local, { path: "/var/lib/notes" });
    assert.equal(spec.persistentVolumeReclaimPolicy, "Retain");
    assert.match(JSON.stringify(spec.claimRef), /"name":"notes","namespace":"notes"/);
    assert.match(JSON.stringify(spec.nodeAffinity), /"values":\["hazel"\]/);
  });

  it("wakes its machine when somebody connects to its port, held by the control plane", () => {
    assert.match(text("apps-notes-service"), /"type":"ClusterIP"/);
    const settings = /(\{\n {2}"key":[^]*?\n\})\n/.exec(
      String(named(graph, "power-controller-maple").inputs.stdin),
    );
    const { apps } = z
      .object({ apps: z.array(z.looseObject({ app: z.string() })) })
      .parse(JSON.parse(settings?.[1] ?? ""));
    const notes = apps.find(({ app }) => app === "notes");
    assert.deepEqual(notes, {
      app: "notes",
      title: "Notes",
      machine: "hazel",
      namespace: "notes",
      kind: "Deployment",
      workload: "notes",
      service: "notes",
      probePort: 8080,
      probe: { file: "/usr/local/lib/vmstation/power/app-probes/notes.py" },
      advertised: [{ port: 30_088, servicePort: 8080, speaks: "http" }],
    });
  });

  it("keeps no machine awake, and leaves its number of pods to the power layer", () => {
    assert.match(text("apps-notes-server"), /"vmstation.io\/sleeps-with":"hazel"/);
    assert.doesNotMatch(text("apps-notes-server"), /"replicas"/);
  });

  it("has an alert, and a dashboard that Grafana mounts", () => {
    assert.match(text("apps-notes-alerts"), /"alert":"NotesDown"/);
    assert.match(text("monitoring-dashboard-app-notes"), /app-notes\.json/);
    assert.match(text("monitoring-kube-prometheus-stack"), /dashboards\/app-notes/);
  });

  it("may come as a Kustomize folder, put into its frame by an overlay", () => {
    assert.deepEqual(children("apps-pages").sort(), ["alerts", "folder", "limits", "quota"]);
    const { type, inputs: directory } = named(graph, "apps-pages-folder");
    assert.equal(type, "kubernetes:kustomize/v2:Directory");
    assert.equal(directory.namespace, "pages");
    const overlay = added.at(".vmstation/kustomize/pages/kustomization.yaml");
    assert.match(
      fs.readFileSync(overlay, "utf8"),
      /"resources": \[\n +"\.\.\/\.\.\/\.\.\/components\/apps\/pages\/pages"\n/,
    );
  });
});
