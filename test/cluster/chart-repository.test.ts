import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import type { EngineLab, Update, UpdateOptions } from "../engine/engine-lab";
import { openLab } from "../engine/use-engine";
import { run } from "../rig/command";
import { CONFIGURED } from "../support/fixtures/apps/configured/apps";
import { ChartRepository } from "./charts";
import { type ChartRegistry, openRegistry } from "./chart-registry";
import { applyCrds } from "./crds";
import { toolPath } from "./tools";
import { requireTools, useCluster } from "./use-cluster";

const ROOT = path.join(__dirname, "../..");
const WHOAMI = path.join(ROOT, "test/support/fixtures/apps/configured/charts/whoami");
const PROGRAM = path.join(ROOT, "test/support/fixtures/apps/judge-program.ts");
const ENGINE_PROGRAM = "test/support/fixtures/apps/configured-program.ts";
const CONFIG = path.join(ROOT, "test/rig/Pulumi.rig.yaml");
const WITHDRAWN =
  "; or, if it was withdrawn, a copy of .vmstation/charts/whoami-1.4.0-… of a computer that fetched it";
const NOTHING_THERE = "http://127.0.0.1:9";

interface Case {
  readonly chart?: object;
  readonly own?: object;
  readonly env?: Readonly<Record<string, string>>;
}

/** A web server that has no page. */
async function serveNothing(): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((_, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}

/** What a preview says of a chart that is in a repository or a registry, by the real Helm. */
describe("a chart of a repository", function () {
  this.timeout(60_000);
  let folder = "";
  let repository: ChartRepository | undefined;
  let registry: ChartRegistry | undefined;

  before(async function () {
    requireTools(this, ["helm"]);
    folder = mkdtempSync(path.join(tmpdir(), "vmstation-repository-"));
    repository = await ChartRepository.open({
      folder,
      helm: (args) => run(toolPath("helm"), [...args]),
    });
    const next = path.join(folder, "next/whoami");
    cpSync(WHOAMI, next, { recursive: true });
    const file = path.join(next, "Chart.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("1.2.0", "1.3.0"));
    for (const source of [WHOAMI, next]) await repository.addFolder(source);
    const archive = (version: string): string => path.join(folder, `charts/whoami-${version}.tgz`);
    const archives = { "1.2.0": archive("1.2.0"), "1.3.0": archive("1.3.0") };
    registry = await openRegistry(folder, "whoami", archives);
  });
  after(() => {
    repository?.close();
    registry?.close();
    if (folder !== "") rmSync(folder, { recursive: true });
  });

  const generated = (): string => path.join(folder, "generated");

  /** What a preview finds in each case: a line for each problem and each warning. */
  const judge = (...cases: readonly Case[]): Promise<string[][]> => judgeInto(generated(), cases);

  /** `kept`: the folder for what is fetched. */
  async function judgeInto(kept: string, cases: readonly Case[]): Promise<string[][]> {
    const { kind, machine, ports, values, volumes } = CONFIGURED.whoami;
    const all = cases.map(({ chart, own, env = {} }) => ({
      app: {
        ...{ kind, machine, ports, values, volumes, ...own },
        chart: { name: "whoami", version: "1.2.0", repository: repository?.url, ...chart },
      },
      env,
    }));
    const { stdout } = await run(process.execPath, ["--require", "tsx/cjs", PROGRAM], {
      input: JSON.stringify(all),
      env: {
        ...process.env,
        PATH: `${path.dirname(toolPath("helm"))}:${process.env.PATH ?? ""}`,
        SSL_CERT_FILE: registry?.authority,
        VMSTATION_GENERATED: kept,
      },
    });
    return z.array(z.array(z.string())).parse(JSON.parse(stdout));
  }

  it("is fetched once by a preview, and looked at by a plan after that", async () => {
    const plan = { env: { VMSTATION_PLANS: "1" }, own: { values: { replicas: "two" } } };
    const [asked, right, refused] = await judge(plan, {}, plan);
    assert.deepEqual([asked, right], [[], []]);
    assert.equal(refused?.length, 1);
    const folders = readdirSync(path.join(generated(), "charts"));
    assert.match(folders.join(), /^whoami-1\.2\.0-[0-9a-f]{12}$/);
  });

  it("is refused with another name, with a version that is not there, and in a place without charts", async () => {
    const url = repository?.url ?? "";
    const elsewhere = await serveNothing();
    const [name, version, place] = await judge(
      { chart: { name: "whoamy" } },
      { chart: { version: "1.4.0" } },
      { chart: { repository: elsewhere.url } },
    ).finally(elsewhere.close);
    const isNone = `apps.whoami.chart.name: whoamy, which is no chart of ${url}; one of whoami;`;
    assert.deepEqual(name, [`${isNone} did you mean whoami?`]);
    assert.deepEqual(version, [
      "apps.whoami.chart.version: 1.4.0, which is no version of whoami in its repository; " +
        `one of 1.3.0, 1.2.0; did you mean 1.3.0?${WITHDRAWN}`,
    ]);
    const noIndex = `${elsewhere.url}, which has no index.yaml`;
    assert.ok(place?.[0]?.startsWith(`apps.whoami.chart.repository: ${noIndex}`), place?.join());
  });

  it("is refused with values against its schema, and for what it makes against the app's frame", async () => {
    const [values, claim, sleeping] = await judge(
      { own: { values: { replicas: "two" } } },
      { own: { values: { existingClaim: "films" } } },
      { own: { values: { replicas: 3 } } },
    );
    assert.deepEqual(values, ['apps.whoami.values.replicas: "two"; the type integer']);
    assert.match(
      claim?.[0] ?? "",
      /^apps\.whoami\.chart: whoami 1\.2\.0 by helm template line \d+: .*films/,
    );
    assert.match(sleeping?.[0] ?? "", /replicas: 3/);
  });

  it("is a warning where the repository is away", async () => {
    const [away, registryAway] = await judge(
      { chart: { repository: NOTHING_THERE } },
      { chart: { repository: "oci://127.0.0.1:9/charts" } },
    );
    for (const found of [away, registryAway]) {
      assert.equal(found?.length, 1);
      assert.match(
        found[0] ?? "",
        /^warning apps\.whoami\.chart: whoami 1\.2\.0 cannot be fetched from \S+, and was not checked: .*connection refused$/,
      );
    }
  });

  it("comes from a registry, by its version or its digest", async () => {
    const { url = "", digests = {} } = registry ?? {};
    const repository = url;
    const digest = digests["1.2.0"];
    const [right, pinned, version, name, other, newer] = await judge(
      { chart: { repository } },
      { chart: { repository, digest } },
      { chart: { repository, version: "1.4.0" } },
      { chart: { repository, name: "whoamy" } },
      { chart: { repository, digest: digests["1.3.0"] } },
      { chart: { repository, version: "1.2.9", digest } },
    );
    assert.deepEqual([right, pinned], [[], []]);
    assert.deepEqual(version, [
      "apps.whoami.chart.version: 1.4.0, which is no version of whoami in its repository; " +
        `one that is there; the newest is 1.3.0${WITHDRAWN}`,
    ]);
    const isNone = `apps.whoami.chart.name: whoamy, which ${url} does not show to this computer;`;
    assert.ok(name?.[0]?.startsWith(isNone), name?.join());
    assert.deepEqual(other, [
      `apps.whoami.chart.digest: ${digests["1.3.0"]}, which is not that of whoami 1.2.0; ` +
        `${digest}, if it is to be what the registry has`,
    ]);
    assert.deepEqual(newer, [
      "apps.whoami.chart.version: 1.2.9, but the chart with this digest is 1.2.0; 1.2.0",
    ]);
  });

  it("comes from no registry that wants a login, which may also be without that chart", async () => {
    const { url = "" } = registry ?? {};
    const repository = url.replace(/charts$/, "private");
    const { host } = new URL(url);
    const [found] = await judge({ chart: { repository } });
    assert.deepEqual(found, [
      `apps.whoami.chart.name: whoami, which ${repository} does not show to this computer; the name of a chart in that ` +
        `registry; or, where only those who are logged in see it, this before: helm registry login ${host}`,
    ]);
  });

  describe("in the engine's hands, without Helm", function () {
    // Several previews, each a program of its own.
    this.timeout(600_000);
    const getCluster = useCluster();
    let lab: EngineLab | undefined;
    let settings = "";

    before(async function () {
      await applyCrds(getCluster());
      settings = path.join(folder, "apps.json");
      const env = { VMSTATION_TEST_APPS: settings };
      lab = await openLab(this, { stack: "rig", configFile: CONFIG, program: ENGINE_PROGRAM, env });
    });
    after(() => lab?.remove());

    const engine = (): EngineLab => lab ?? assert.fail("there is no engine");

    function configure(chart: object): void {
      const kubeconfig = readFileSync(getCluster().kubeconfig, "utf8");
      const whoami = {
        ...CONFIGURED.whoami,
        ...{ values: {}, volumes: {} },
        chart: { name: "whoami", version: "1.2.0", repository: repository?.url, ...chart },
      };
      writeFileSync(settings, JSON.stringify({ kubeconfig, apps: { whoami } }));
    }

    const preview = (chart: object): Promise<Update> => {
      configure(chart);
      return engine().preview();
    };

    it("is refused by the provider's preview as well, with another name or version", async () => {
      const right = await preview({});
      assert.ok(right.ok, right.output);
      for (const [wrong, said] of [
        [{ name: "whoamy" }, 'chart "whoamy" version "1.2.0" not found in'],
        [{ version: "1.4.0" }, 'chart "whoami" version "1.4.0" not found in'],
      ] as const) {
        const { ok, output } = await preview(wrong);
        assert.ok(!ok, output);
        assert.ok(output.includes(said), output);
      }
    });

    it("goes on with the copy of a preview after its repository has withdrawn the version", async () => {
      const up = async (options?: UpdateOptions): Promise<Update> => {
        const update = await engine().up(options);
        assert.ok(update.ok, update.output);
        return update;
      };
      configure({});
      await up();
      const made = await deployment();
      const kept = path.join(engine().folder, "generated");
      assert.deepEqual(await judgeInto(kept, [{}]), [[]]);
      await repository?.withdraw("whoami", "1.2.0");
      const update = await up();
      assert.deepEqual(update.names("update"), ["apps-whoami-release"]);
      assert.deepEqual(update.names("create", "delete", "replace"), []);
      assert.deepEqual(await deployment(), made, "no pod is made again");
      await up({ expectNoChanges: true });
      rmSync(path.join(kept, "charts"), { recursive: true });
      const { ok, output } = await engine().preview();
      assert.ok(!ok, output);
    });

    const deployment = async () =>
      z
        .looseObject({ metadata: z.object({ uid: z.string(), generation: z.number() }) })
        .parse(await getCluster().api.get("/apis/apps/v1/namespaces/whoami/deployments/whoami"))
        .metadata;
  });
});
