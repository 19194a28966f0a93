import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { z } from "zod";
import { platformCharts } from "../../components/versions";
import { Cloudflare, serveCloudflare } from "../support/cloudflare";
import { applyCrds, PLATFORM_GROUPS } from "../cluster/crds";
import { addChart, type ClusterLab } from "./cluster-lab";
import type { Update } from "./engine-lab";
import { useClusterLab } from "./use-cluster-lab";
import { requireProvider } from "./use-engine";

/** As long as Cloudflare's, which the provider asks for. */
const [TOKEN, ANOTHER] = ["t0ken".repeat(8), "other".repeat(8)];
const [ACCOUNT, ZONE, ELSEWHERE] = ["account", "zone", "another zone"].map((name) =>
  createHash("md5").update(name).digest("hex"),
);
const INGRESS = "10.213.0.232";
const HOME = `*.int.rowan.se A ${INGRESS}`;
const PREFIX = "platform-tunnel";
const FILMS = `${PREFIX}-films.rowan.se`;
/** Of something that has nothing to do with the tunnel. */
const OTHER = "monitoring.blackbox.resources.limits.memory";
const PODS = "/api/v1/namespaces/cloudflared/pods";

const secret = z.object({ data: z.object({ "credentials.json": z.base64() }) });
const credentials = z.object({
  AccountTag: z.string(),
  TunnelSecret: z.string(),
  TunnelID: z.string(),
});

// Each test goes on from what the one before has left, as an owner does.
describe("a tunnel by Cloudflare's provider and Pulumi's engine", function () {
  this.bail(true);
  const account = { token: TOKEN, zone: "rowan.se", zoneId: ZONE, accountId: ACCOUNT };
  const cloudflare = new Cloudflare(account);
  let server: Awaited<ReturnType<typeof serveCloudflare>> | undefined;
  before(async function () {
    await requireProvider(this, "cloudflare");
    server = await serveCloudflare(cloudflare);
    // Where the provider finds Cloudflare's API, as its documentation says.
    process.env.CLOUDFLARE_BASE_URL = server.url;
  });
  const getLab = useClusterLab();
  let lab: ClusterLab;

  before(async () => {
    lab = getLab();
    await applyCrds(lab.cluster, ...PLATFORM_GROUPS);
    for (const pin of Object.values(platformCharts)) await addChart(lab.charts, pin);
    cloudflare.isOpen = async () => (await lab.cluster.api.list(PODS)).length > 0;
    describePlatform({});
    lab.set("apps.jellyfin.host=films", "apps.jellyfin.access=public");
    await lab.setSecret("tunnelToken", "not one");
  });
  after(() => {
    delete process.env.CLOUDFLARE_BASE_URL;
    server?.close();
  });

  function describePlatform(more: object): void {
    const tunnel = {
      ...{ accountId: ACCOUNT, zoneId: ZONE, tokenSecret: "tunnelToken", internalRecord: true },
      ...more,
    };
    const platform = {
      ...{ domain: "rowan.se", internalDomain: "int.rowan.se", tunnel },
      loadBalancer: { addresses: [`${INGRESS}/32`] },
      ingress: { address: INGRESS },
      charts: { repository: lab.charts.url, timeout: "15s" },
    };
    lab.set(`platform=${JSON.stringify(platform)}`);
  }

  async function passes(): Promise<Update> {
    const update = await lab.up();
    assert.ok(update.ok, update.output);
    return update;
  }

  /** "NAME TYPE CONTENT" of the zone's records, sorted. */
  const records = (): string[] =>
    [...cloudflare.records.values()]
      .map(({ name, type, content }) => `${name} ${type} ${content}`)
      .sort();

  const tunnelId = (): string => [...cloudflare.tunnels.keys()].join();
  const leadsToTunnel = (name: string): string => `${name} CNAME ${tunnelId()}.cfargotunnel.com`;

  it("is refused before anything is touched where its token cannot be one", async () => {
    const { ok, output } = await lab.preview();
    assert.equal(ok, false);
    assert.match(output, /platform-tunnel-cloudflare.*API tokens must only contain/);
  });

  it("is refused in Cloudflare's words where its token is wrong, once all that needs no tunnel is there", async () => {
    await lab.setSecret("tunnelToken", ANOTHER);
    const update = await lab.up();
    const failed = ["platform-tunnel", "platform-tunnel-internal"];
    assert.deepEqual(update.failed, failed, update.output);
    assert.match(update.output, /9109.*Invalid access token/s);
    const made = update.names("create");
    for (const name of ["monitoring-loki", "apps-jellyfin-server", "platform-ingress-traefik"])
      assert.ok(made.includes(name), `${name} of ${made.join()}`);
    assert.deepEqual(cloudflare.changes, []);
  });

  it("is told of by validate", async () => {
    const { code, output } = await lab.verb(["validate", "platform"]);
    assert.equal(code, 1, output);
    assert.match(output, /tunnel: its pods are not there/);
    assert.match(output, /Cloudflare: 9109: Invalid access token/);
  });

  it("is made by the right token, with a record for each public name and one for all of home", async () => {
    await lab.setSecret("tunnelToken", TOKEN);
    await passes();
    const [made] = [...cloudflare.tunnels.values()];
    assert.deepEqual([made?.name, made?.config_src], ["home", "local"]);
    assert.deepEqual(records(), [HOME, leadsToTunnel("films.rowan.se")]);
    const stored = secret.parse(
      await lab.cluster.api.get("/api/v1/namespaces/cloudflared/secrets/cloudflared"),
    );
    const opened = credentials.parse(
      JSON.parse(Buffer.from(stored.data["credentials.json"], "base64").toString()),
    );
    assert.deepEqual(opened, {
      ...{ AccountTag: ACCOUNT, TunnelSecret: made?.tunnel_secret, TunnelID: tunnelId() },
    });
    const secretText = Buffer.from(opened.TunnelSecret, "base64").toString();
    assert.ok(secretText.length >= 32);
    const hidden = { TOKEN, secretText, secret: opened.TunnelSecret };
    for (const [what, text] of Object.entries(hidden))
      assert.ok(!lab.stateText.includes(text), `${what} stands in the state`);
  });

  it("is left alone by another update, also after a look at what Cloudflare has", async () => {
    const changes = cloudflare.changes.length;
    const refreshed = await lab.refresh({ target: ["**::platform-tunnel*"] });
    assert.ok(refreshed.ok, refreshed.output);
    const update = await lab.up({ expectNoChanges: true });
    assert.ok(update.ok, update.output);
    assert.equal(cloudflare.changes.length, changes);
  });

  it("leads no longer to a name that is not public, and to it again, and nothing else is changed at Cloudflare", async () => {
    const before = records();
    const since = cloudflare.changes.length;
    lab.set("apps.jellyfin.access=internal");
    await passes();
    assert.deepEqual(records(), [HOME]);
    lab.set("apps.jellyfin.access=public");
    const made = (await passes()).names("create").filter((name) => name.startsWith(PREFIX));
    assert.deepEqual(made, [FILMS]);
    assert.deepEqual(records(), before);
    const methods = cloudflare.changes.slice(since).map((change) => change.split(" ")[0]);
    assert.deepEqual(methods, ["DELETE", "POST"]);
  });

  it("says in Cloudflare's words that a name is somebody's already", async () => {
    lab.set("apps.jellyfin.access=internal");
    await passes();
    const its = { name: "films.rowan.se", type: "A", content: "192.0.2.1" };
    cloudflare.records.set("its", its);
    lab.set("apps.jellyfin.access=public", `${OTHER}=80Mi`);
    const update = await lab.up();
    const { failed, output } = update;
    assert.deepEqual(failed, [FILMS], output);
    assert.match(output, /81053.*with that host already exists/s);
    assert.ok(update.names("update").includes("monitoring-blackbox-exporter"), output);
    assert.equal(cloudflare.records.get("its"), its);
    cloudflare.records.set("its", { ...its, name: "blog.rowan.se" });
    await passes();
  });

  it("says in Cloudflare's words that a zone is another account's, and what was there stays", async () => {
    const before = records();
    describePlatform({ zoneId: ELSEWHERE });
    lab.set(`${OTHER}=90Mi`);
    const update = await lab.up();
    const { failed, output } = update;
    assert.deepEqual(failed, [FILMS, `${PREFIX}-internal`], output);
    assert.match(output, /10000.*Authentication error/s);
    assert.ok(update.names("update").includes("monitoring-blackbox-exporter"), output);
    assert.deepEqual(records(), before);
    describePlatform({});
    await passes();
    assert.deepEqual(records(), before);
  });

  it("goes with its records and nobody else's, once nobody has it open", async () => {
    const platform = {
      ...{ domain: "rowan.se", internalDomain: "int.rowan.se" },
      loadBalancer: { addresses: [`${INGRESS}/32`] },
      ingress: { address: INGRESS },
      charts: { repository: lab.charts.url, timeout: "15s" },
    };
    lab.set(`platform=${JSON.stringify(platform)}`, "apps.jellyfin.access=internal");
    await passes();
    assert.deepEqual([tunnelId(), records()], ["", ["blog.rowan.se A 192.0.2.1"]]);
  });
});
