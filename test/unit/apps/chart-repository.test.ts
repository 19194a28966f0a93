import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { planConfigured } from "../../../components/apps/configured/plan";
import { chooseSource } from "../../../components/apps/configured/deploy-chart";
import {
  type ConfiguredConfig,
  configuredSchema,
} from "../../../components/apps/configured/schema";
import { judgeOtherApps, judgeRenderedApps } from "../../../stacks/rendered-apps";
import { useGeneratedFolder } from "../../support/generated";
import { appSite, site } from "./settings";

const schema = configuredSchema([]);
const HTTPS = "https://charts.example.org";
const OCI = "oci://registry.example.org/charts";
const DIGEST = `sha256:${"a".repeat(64)}`;

useGeneratedFolder();

describe("a chart of a repository, at preview", () => {
  let folder: string;
  const before_ = process.env.PATH;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-pull-"));
    // Helm, as far as fetching and rendering go: what it makes is no chart of ours, which is said.
    fs.writeFileSync(
      path.join(folder, "helm"),
      `#!/bin/sh
printf '%s\\n' "$*" >>"${folder}/calls"
case "$*" in
  'pull silent '*) echo 'Error: no route to host' >&2; exit 1 ;;
  pull*) for out; do :; done; /bin/mkdir -p "$out/x"; printf 'name: x\\nversion: 1.2.0\\n' >"$out/x/Chart.yaml" ;;
  template*) printf 'apiVersion: v1\\nkind: Namespace\\nmetadata: { name: x }\\n' ;;
  *) exit 1 ;;
esac
`,
      { mode: 0o755 },
    );
  });
  beforeEach(() => {
    process.env.PATH = folder;
    fs.writeFileSync(path.join(folder, "calls"), "");
  });
  afterEach(() => {
    process.env.PATH = before_;
  });
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const calls = (): string[] =>
    fs
      .readFileSync(path.join(folder, "calls"), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.replace(/ .*/, ""));
  const parseConfig = (chart: object) =>
    schema.parse({
      ...{ kind: "chart", machine: "hazel", ports: { http: { port: 80, nodePort: 30_081 } } },
      chart: { version: "1.2.0", repository: HTTPS, ...chart },
    });
  const judgeConfig = (config: ConfiguredConfig, env: NodeJS.ProcessEnv = {}) =>
    judgeRenderedApps({ apps: [planConfigured("x", config, appSite)], config: site.config }, env);
  const judge = (chart: object, env?: NodeJS.ProcessEnv) => judgeConfig(parseConfig(chart), env);

  it("is not fetched by a plan, nor where the stack is destroyed", () => {
    for (const env of [{ VMSTATION_PLANS: "1" }, { VMSTATION_DESTROYS: "1" }])
      assert.deepEqual(judge({ name: "x" }, env), { problems: [], warnings: [] });
    assert.deepEqual(calls(), []);
  });

  it("is fetched once, judged as Helm renders it, and after that by a plan as well", () => {
    const found =
      /^x 1\.2\.0 by helm template line 1: Namespace x: of a kind that the frame makes$/;
    const first = judge({ name: "x" });
    assert.match(first.problems[0]?.found ?? "", found);
    assert.equal(first.problems[0]?.path, "apps.x.chart");
    assert.deepEqual(judge({ name: "x" }), first);
    assert.deepEqual(judge({ name: "x" }, { VMSTATION_PLANS: "1" }), first);
    assert.deepEqual(calls(), ["pull", "template", "template", "template"]);
    const generated = path.join(process.env.VMSTATION_GENERATED ?? "", "charts");
    assert.deepEqual(
      fs.readdirSync(generated).map((name) => name.replace(/[0-9a-f]{12}$/, "")),
      ["x-1.2.0-"],
    );
  });

  it("is installed from the copy that was judged, else from its repository", () => {
    const config = (version: string) =>
      parseConfig({ name: "x", version, repository: "https://copies.example.org" });
    const [wanted, other] = [config("1.2.0"), config("1.2.1")];
    if (wanted.kind !== "chart" || other.kind !== "chart") assert.fail();
    const remote = {
      ...{ chart: "x", version: "1.2.0" },
      repositoryOpts: { repo: "https://copies.example.org" },
    };
    assert.deepEqual(chooseSource(wanted, {}), remote);
    judgeConfig(wanted);
    const { chart, ...rest } = chooseSource(wanted, {});
    assert.deepEqual(rest, {});
    assert.match(chart, /^\.\/.*\/charts\/x-1\.2\.0-[0-9a-f]{12}$/);
    assert.ok(fs.existsSync(path.join(chart, "Chart.yaml")));
    assert.deepEqual(chooseSource(other, {}), { ...remote, version: "1.2.1" });
  });

  it("is another one from another repository, or with another version", () => {
    judge({ name: "x", version: "1.2.1" });
    judge({ name: "x", repository: "https://other.example.org" });
    assert.equal(calls().filter((verb) => verb === "pull").length, 2);
  });

  it("is judged beside another app's mistakes, and not where it has one itself", () => {
    const planned = (name: string) => planConfigured(name, parseConfig({ name: "x" }), appSite);
    const apps = [planned("x"), planned("y")];
    const problem = { path: "apps.y.secrets.y.token", found: "nothing", accepted: "a secret" };
    const found = (at: string) =>
      judgeOtherApps({ apps, config: site.config }, [{ ...problem, path: at }], {})
        .map(({ path: key }) => key.split(".")[1])
        .filter((app, i, all) => all.indexOf(app) === i);
    assert.deepEqual(found("apps.y.secrets.y.token"), ["x"]);
    assert.deepEqual(found("apps.x"), ["y"]);
    assert.deepEqual(found("power.idleAfter"), ["x", "y"]);
  });

  it("is a warning where the repository is silent, which is asked once for all its charts", () => {
    const { problems, warnings } = judge({ name: "silent", repository: "http://silent.lan" });
    assert.deepEqual(problems, []);
    assert.deepEqual(warnings, [
      {
        path: "apps.x.chart",
        message:
          "silent 1.2.0 cannot be fetched from http://silent.lan, and was not checked: no route to host",
      },
    ]);
    assert.equal(judge({ name: "y", repository: "http://silent.lan" }).warnings.length, 1);
    assert.deepEqual(calls(), ["pull", "repo"]);
  });

  it("is refused where its digest is that of another version", () => {
    const { problems } = judge({ name: "x", version: "1.3.0", repository: OCI, digest: DIGEST });
    assert.deepEqual(problems, [
      {
        path: "apps.x.chart.version",
        found: "1.3.0, but the chart with this digest is 1.2.0",
        accepted: "1.2.0",
      },
    ]);
  });

  it("is left to the provider without Helm", () => {
    process.env.PATH = path.join(folder, "nothing");
    const repository = "https://third.example.org";
    assert.deepEqual(judge({ name: "x", repository }), { problems: [], warnings: [] });
  });
});
