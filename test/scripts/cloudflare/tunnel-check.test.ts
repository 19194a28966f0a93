import assert from "node:assert/strict";
import { checkTunnel } from "../../../scripts/kit/cloudflare/tunnel-check";
import { explain } from "../../../scripts/kit/pulumi/follow/explain";
import { loadProject } from "../../../scripts/kit/stack-file/project";
import { UserError } from "../../../scripts/kit/user-error";
import { Cloudflare, serveCloudflare } from "../../support/cloudflare";
import { homelabSite } from "../../support/site";
import { TUNNEL_HOSTS, TUNNEL_PLATFORM } from "../../support/tunnel";

const [TOKEN, ID, INGRESS] = ["t0ken", "0123-4567", "192.168.8.230"];
const site = homelabSite([["platform"], TUNNEL_PLATFORM], ...TUNNEL_HOSTS);
const { accountId, zoneId } = TUNNEL_PLATFORM.tunnel;

describe("the check of what Cloudflare has", () => {
  let cloudflare: Cloudflare;
  let server: Awaited<ReturnType<typeof serveCloudflare>>;
  const before = process.env.CLOUDFLARE_BASE_URL;
  beforeEach(async () => {
    cloudflare = new Cloudflare({ token: TOKEN, zone: "rowan.se", accountId, zoneId });
    cloudflare.tunnels.set(ID, { name: "home", config_src: "local" });
    record("films", { name: "films.rowan.se", type: "CNAME", content: `${ID}.cfargotunnel.com` });
    record("home", { name: "*.int.rowan.se", type: "A", content: INGRESS, proxied: false });
    server = await serveCloudflare(cloudflare);
    process.env.CLOUDFLARE_BASE_URL = server.url;
  });
  afterEach(() => {
    server.close();
    if (before === undefined) delete process.env.CLOUDFLARE_BASE_URL;
    else process.env.CLOUDFLARE_BASE_URL = before;
  });

  function record(
    id: string,
    more: { name: string; type: string; content: string; proxied?: boolean },
  ): void {
    cloudflare.records.set(id, { proxied: true, ...more });
  }

  const about = { project: loadProject(process.cwd()), stack: "mine", site };
  const check = (token = TOKEN, changed = about) =>
    checkTunnel(changed, undefined, () => Promise.resolve(token));

  /** "STATUS: FOUND" */
  const said = async (token?: string): Promise<string> => {
    const found = await check(token);
    return `${found?.status ?? ""}: ${found?.found ?? ""}`;
  };

  it("passes where the tunnel is there, and its names lead to it", async () => {
    record("proof", { name: "films.rowan.se", type: "TXT", content: "somebody's proof" });
    assert.equal(await said(), "pass: the tunnel and 2 records");
    assert.deepEqual(cloudflare.changes, []);
  });

  for (const [what, change, words] of [
    [
      "has no tunnel",
      () => {
        cloudflare.tunnels.clear();
      },
      "there is no tunnel home",
    ],
    [
      "has no record, and one that leads elsewhere",
      () => {
        record("films", { name: "films.rowan.se", type: "TXT", content: "somebody's proof" });
        record("home", { name: "*.int.rowan.se", type: "A", content: "192.0.2.1", proxied: false });
      },
      "films.rowan.se has no record; *.int.rowan.se leads to 192.0.2.1",
    ],
    [
      "answers for home itself",
      () => {
        record("home", { name: "*.int.rowan.se", type: "A", content: INGRESS, proxied: true });
      },
      "*.int.rowan.se is proxied",
    ],
    [
      "refuses the token",
      () => (cloudflare.account.token = "another"),
      "9109: Invalid access token",
    ],
    [
      "has the zone in another account",
      () => (cloudflare.account.zoneId = "another"),
      "10000: Authentication error",
    ],
  ] as const)
    it(`fails where Cloudflare ${what}`, async () => {
      change();
      assert.equal(await said(), `fail: ${words}`);
    });

  it("says which settings to look at where Cloudflare refuses", async () => {
    const found = await check("another");
    assert.match(
      found?.advice ?? "",
      /accountId, zoneId and the token of vmstation:platform\.tunnel/,
    );
  });

  it("is an error where Cloudflare cannot be asked, and nothing without a tunnel", async () => {
    server.close();
    assert.match(await said(), /^error: Cloudflare does not answer at http.*ECONNREFUSED/);
    const refuse = (): Promise<never> => Promise.reject(new UserError("no secret"));
    const secretless = await checkTunnel(about, undefined, refuse);
    assert.deepEqual([secretless?.status, secretless?.found], ["error", "no secret"]);
    assert.equal(await check(TOKEN, { ...about, site: homelabSite() }), undefined);
  });

  it("is an error where Cloudflare's answer ends in its middle", async () => {
    cloudflare.answer = (_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{", () => response.destroy());
      return Promise.resolve();
    };
    assert.match(await said(), /^error: Cloudflare does not answer at http/);
  });
});

describe("a refusal of Cloudflare that ends an update", () => {
  /** Both lines that the provider writes for one. */
  const say = (code: number, message: string): string[] => {
    const answer = { success: false, errors: [{ code, message }], messages: [], result: null };
    const request = `POST "https://api.cloudflare.com/client/v4/accounts/0123/cfd_tunnel": 403 Forbidden ${JSON.stringify(answer)}`;
    const why = "failed to make http request";
    return [`[ERROR] ${request}: ${why}`, `${why}: ${request}`];
  };

  it("is told in its words, with what to do", () => {
    for (const [code, message, advice] of [
      [9109, "Invalid access token", /token of vmstation:platform\.tunnel/],
      [10_000, "Authentication error", /zoneId/],
      [1013, "You already have a tunnel with this name.", /platform\.tunnel\.name/],
      [81_053, "An A, AAAA, or CNAME record with that host already exists.", /delete that record/],
    ] as const)
      for (const said of say(code, message)) {
        const found = explain(said);
        assert.equal(found.cause, `Cloudflare: ${code}: ${message}`);
        assert.match(found.advice ?? "", advice);
      }
  });

  it("is told without advice where nobody knows more", () => {
    for (const said of say(4711, "Something new"))
      assert.deepEqual(explain(said), {
        ...{ cause: "Cloudflare: 4711: Something new", advice: undefined },
      });
  });
});
