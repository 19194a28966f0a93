import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { parse } from "yaml";
import { z } from "zod";
import { digestOf } from "../../../components/platform/digest";
import {
  renderCredentials,
  renderTunnel,
  renderTunnelFile,
} from "../../../components/platform/tunnel/render-config";
import { publicNames } from "../../../components/platform/tunnel/public-hosts";
import type { HostUse } from "../../../components/shared/hosts";
import type { Change } from "../../support/homelab";
import { named, type Recorded } from "../../support/mocks";
import { recordStack, SECRETS } from "../../support/stack";
import { TUNNEL_HOSTS, TUNNEL_PLATFORM } from "../../support/tunnel";
import { pod } from "../validation/cluster-state";
import { faultsOf } from "./cloudflared-rules";
import { judgePlatform } from "./platform-checks";
import { platformSite } from "./sites";

const CLOUDFLARED = process.env.CLOUDFLARED ?? "cloudflared";

const TOKEN = "s3cret-of-cloudflare";
/** "generated", as the mocks make it. */
const SECRET = "Z2VuZXJhdGVk";
const ID = TUNNEL_PLATFORM.tunnel.accountId;
const site = platformSite(TUNNEL_PLATFORM, ...TUNNEL_HOSTS);
const secrets = { ...SECRETS, cloudflareToken: TOKEN };

const configMap = z.object({ data: z.object({ "config.yaml": z.string() }) });

describe("the tunnel", () => {
  let graph: Recorded[];
  before(async () => {
    graph = await recordStack(site, secrets);
  });
  const inputs = (name: string) => named(graph, `platform-tunnel-${name}`).inputs;

  it("is one at Cloudflare that is configured here, with a record for each public name, and one for all of home", () => {
    const ours = graph.filter(({ type }) => type.startsWith("cloudflare:"));
    assert.deepEqual(ours.map(({ name, inputs }) => [name, inputs]).sort(), [
      [
        "platform-tunnel",
        { accountId: ID, name: "home", configSrc: "local", tunnelSecret: SECRET },
      ],
      [
        "platform-tunnel-films.rowan.se",
        {
          ...{ zoneId: ID, name: "films.rowan.se", type: "CNAME", proxied: true, ttl: 1 },
          content: "platform-tunnel-id.cfargotunnel.com",
          comment: "Made by VMStation",
        },
      ],
      // Home's own names, which Cloudflare does not answer for itself.
      [
        "platform-tunnel-internal",
        {
          ...{ zoneId: ID, name: "*.int.rowan.se", type: "A", content: "192.168.8.230" },
          ...{ proxied: false, ttl: 1, comment: "Made by VMStation" },
        },
      ],
    ]);
  });

  it("leads public names to the ingress, and answers 404 to all others", () => {
    const { data } = configMap.parse(inputs("config"));
    assert.deepEqual(parse(data["config.yaml"]), {
      tunnel: "platform-tunnel-id",
      "credentials-file": "/etc/cloudflared-secret/credentials.json",
      ingress: [
        { hostname: "films.rowan.se", service: "http://traefik-tunnel.traefik.svc:80" },
        { service: "http_status:404" },
      ],
    });
  });

  it("has its token at the provider, and what opens it in one Secret", () => {
    const provider = named(graph, "platform-tunnel-cloudflare");
    assert.deepEqual(provider.secretInputs, ["apiToken"]);
    assert.deepEqual(named(graph, "platform-tunnel-credentials").secretInputs, ["stringData"]);
    assert.deepEqual(named(graph, "platform-tunnel").secretInputs, ["tunnelSecret"]);
    const rest = graph.filter((resource) => resource !== provider);
    assert.ok(!JSON.stringify(rest).includes(TOKEN));
    assert.deepEqual(JSON.parse(renderCredentials("account", "id", "c2VjcmV0")), {
      ...{ AccountTag: "account", TunnelSecret: "c2VjcmV0", TunnelID: "id" },
    });
  });

  it("runs twice, restricted, and is not started again for want of internet", () => {
    const pods = JSON.stringify(inputs("pods"));
    assert.match(pods, /"replicas":2/);
    assert.match(pods, /"image":"docker\.io\/cloudflare\/cloudflared:[\d.]+@sha256:[0-9a-f]{64}"/);
    assert.match(pods, /"livenessProbe":\{"httpGet":\{"path":"\/healthcheck"/);
    assert.match(pods, /"readinessProbe":\{"httpGet":\{"path":"\/ready"/);
    const namespace = site.facts.namespaces.find(({ name }) => name === "cloudflared");
    assert.equal(namespace?.podSecurity, "restricted");
  });

  it("reaches Cloudflare and the ingress' own port for it, and nothing else of the home", () => {
    const { policies = [] } = site.facts.namespaces.find((n) => n.name === "cloudflared") ?? {};
    assert.deepEqual(
      policies.map(({ name, direction, ports }) => [name, direction, ports.map((p) => p.port)]),
      [
        ["cloudflared-to-cloudflare", "egress", [7844, 7844]],
        ["cloudflared-to-ingress", "egress", [8082]],
        ["cloudflared-from-monitoring", "ingress", [2000]],
      ],
    );
    assert.match(JSON.stringify(policies[0]?.peers), /"except":\[.*"192\.168\.0\.0\/16"/);
  });

  it("replaces its pods when one of their files changes", () => {
    const digest = (names: string[], secret: string): string =>
      digestOf(
        renderTunnelFile("platform-tunnel-id", names),
        renderCredentials(ID, "platform-tunnel-id", secret),
      );
    const now = digest(["films.rowan.se"], SECRET);
    assert.ok(JSON.stringify(inputs("pods")).includes(`"vmstation.io/config":"${now}"`));
    assert.notEqual(digest(["films.rowan.se", "more.rowan.se"], SECRET), now);
    assert.notEqual(digest(["films.rowan.se"], "b3RoZXI="), now);
  });

  it("says what a router may do to the record for the names of home", () => {
    const outputs = site.platform?.parts.find(({ key }) => key === "tunnel")?.outputs;
    assert.match(outputs?.internalNames ?? "", /rebind protection.* let int\.rowan\.se through$/);
  });

  it("is not made while its token is not set", async () => {
    const names = (await recordStack(site)).map(({ name }) => name);
    assert.ok(!names.some((name) => name.startsWith("platform-tunnel")));
  });

  it("is judged by validate: connected, or not, or not there", () => {
    const pods = (...ready: boolean[]) => ({
      pods: {
        ok: {
          items: ready.map((each, i) =>
            pod(`cloudflared-${i}`, { namespace: "cloudflared", ready: each }),
          ),
        },
      },
      services: { ok: { items: [] } },
    });
    const judged = judgePlatform(site, [pods(true, true), pods(true, false), pods()]);
    const lines = judged.map((checks) => checks.find((line) => line.startsWith("tunnel")));
    assert.equal(lines[0], "tunnel: pass: 2 of 2 pods connected");
    assert.equal(lines[1], "tunnel: fail: cloudflared-1 has no connection to Cloudflare");
    assert.match(lines[2] ?? "", /fail: its pods are not there: is the token of/);
  });
});

describe("what the tunnel leaves open", () => {
  const questions = (...changes: Change[]): string[] =>
    platformSite(TUNNEL_PLATFORM, ...changes).facts.openQuestions.map(
      ({ path, message }) => `${path}: ${message}`,
    );
  const AWAKE: Change = [["machines", "spruce", "power"], { mode: "always-on" }];

  it("is nothing for what is always there, by a name below the domain", () => {
    assert.deepEqual(questions(...TUNNEL_HOSTS, AWAKE), []);
  });

  it("is a machine that anybody wakes", () => {
    const [question, ...more] = questions(...TUNNEL_HOSTS);
    assert.match(
      question ?? "",
      /^apps\.jellyfin\.access: films\.rowan\.se is public, and its machine sleeps/,
    );
    assert.deepEqual(more, []);
  });

  it("is a name that Cloudflare's certificate is not for", () => {
    const [question] = questions(...TUNNEL_HOSTS, AWAKE, [
      ["apps", "jellyfin", "host"],
      "a.b.rowan.se",
    ]);
    assert.match(
      question ?? "",
      /^apps\.jellyfin\.host: a\.b\.rowan\.se is more than one label below rowan\.se/,
    );
  });

  it("is one token for two purposes", () => {
    const certificates = { email: "me@rowan.se", cloudflareTokenSecret: "cloudflareToken" };
    const [question] = questions([["platform", "certificates"], certificates]);
    assert.match(
      question ?? "",
      /^platform\.tunnel\.tokenSecret: cloudflareToken is the token of .*certificates too/,
    );
  });
});

describe("the tunnel's configuration", () => {
  const label = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const host = fc.record({
    path: fc.constant("x"),
    written: fc.oneof(
      label,
      fc.constant("@"),
      label.map((l) => `${l}.rowan.se`),
    ),
    access: fc.constantFrom("public" as const, "internal" as const),
    ...{ namespace: label, service: label, port: fc.constant(80) },
  });
  const domains = { domain: "rowan.se", internalDomain: "int.rowan.se" };

  it("is one that cloudflared takes, whatever names there are, with public names alone", () => {
    fc.assert(
      fc.property(fc.array(host, { maxLength: 6 }), (hosts: HostUse[]) => {
        const names = publicNames(hosts, domains);
        const rendered: unknown = parse(renderTunnelFile("id", names));
        assert.deepEqual(faultsOf(rendered), []);
        assert.deepEqual(rendered, renderTunnel("id", names));
        assert.ok(names.every((name) => !name.endsWith(".int.rowan.se") && !name.includes("*")));
        assert.ok(names.length <= hosts.filter(({ access }) => access === "public").length);
      }),
      { numRuns: 50 },
    );
  });

  const rule = (service: string, hostname?: string) =>
    hostname === undefined ? { service } : { hostname, service };
  const LAST = rule("http_status:404");
  const table: [string, object[], RegExp][] = [
    ["no rule", [], /no ingress rules/],
    ["no last rule", [rule("http://a:80", "a.b")], /last rule is not for all/],
    ["a rule for all that is not the last", [rule("http://a:80"), LAST], /rule 1 hides/],
    ["a pattern inside", [rule("http://a:80", "a.*.b"), LAST], /pattern inside/],
    ["a port", [rule("http://a:80", "a.b:443"), LAST], /has a port/],
    ["a path", [rule("http://a:80/x", "a.b"), LAST], /has a path/],
    ["no scheme", [rule("a:80", "a.b"), LAST], /no scheme|no address/],
    ["a status of words", [rule("http_status:none")], /no status/],
  ];
  for (const [what, ingress, expected] of table) {
    it(`would be refused with ${what}`, () => {
      const faults = faultsOf({ tunnel: "id", "credentials-file": "/x", ingress });
      assert.match(faults.join(), expected);
    });
  }

  it("is judged by cloudflared itself as it is here", function () {
    if (spawnSync(CLOUDFLARED, ["--version"]).status !== 0) {
      console.log("    skipped: no cloudflared on the PATH (CLOUDFLARED names another)");
      this.skip();
    }
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-tunnel-"));
    const file = path.join(folder, "config.yaml");
    const good = [[LAST], renderTunnel("id", ["a.b", "b"]).ingress];
    try {
      for (const ingress of [...table.map(([, rules]) => rules), ...good]) {
        const given = { tunnel: "id", "credentials-file": "/x", ingress };
        fs.writeFileSync(file, JSON.stringify(given));
        const words = ["tunnel", "--config", file, "ingress", "validate"];
        const { status, stdout, stderr } = spawnSync(CLOUDFLARED, words, { encoding: "utf8" });
        const ours = faultsOf(given);
        assert.equal(status === 0, ours.length === 0, `${ours.join()} but ${stdout}${stderr}`);
      }
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
