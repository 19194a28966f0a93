import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { z } from "zod";
import { platformChecks } from "../../../components/platform/facts";
import { LOAD_BALANCER, platformSite } from "./sites";

const CHECKS = path.join(__dirname, "../../../components/validation/files/checks");

const JUDGE = `
import json, sys
sys.path.insert(0, sys.argv[1])
import check_platform
from result import Observations
given = json.load(sys.stdin)
found = []
for sources in given["sources"]:
    answers = {"ok": sources.pop("answers", None)}
    seen = Observations({"lananswers": answers, **{name: {"ok": {"items": items}} for name, items in sources.items()}})
    found.append([c.as_dict() for c in check_platform.check(seen, {"platform": given["platform"]}, 0)])
print(json.dumps(found))
`;

const results = z.array(
  z.array(z.object({ name: z.string(), status: z.string(), found: z.string() })),
);

/** Objects by kind, and who has answered for addresses of the pool: [address, MAC address]. */
type Sources = Readonly<Record<string, readonly object[] | undefined>>;

const site = platformSite({
  domain: "rowan.se",
  internalDomain: "int.rowan.se",
  loadBalancer: LOAD_BALANCER,
  certificates: { email: "me@rowan.se", cloudflareTokenSecret: "dnsToken" },
});

/** "name: status: found" of each check, for each state of a cluster. */
function judge(...sources: readonly Sources[]): string[][] {
  const input = JSON.stringify({
    sources,
    platform: site.platform && platformChecks(site.platform),
  });
  const ran = spawnSync("python3", ["-B", "-c", JUDGE, CHECKS], { encoding: "utf8", input });
  assert.equal(ran.status, 0, ran.stderr);
  return results
    .parse(JSON.parse(ran.stdout))
    .map((checks) => checks.map(({ name, status, found }) => `${name}: ${status}: ${found}`));
}

const service = (name: string, ...addresses: string[]) => ({
  metadata: { name, namespace: "web" },
  spec: { type: "LoadBalancer" },
  status: { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } },
});

const item = (ready: string, message: string, spec: object = {}) => ({
  metadata: { name: "all-names", namespace: "traefik" },
  spec,
  status: { conditions: [{ type: "Ready", status: ready, message }] },
});

const [OURS, STRANGER] = ["02:00:00:00:08:61", "02:00:00:00:00:99"];

const GOOD: Sources = {
  services: [service("a", "192.168.8.230")],
  issuers: [item("True", "")],
  issuedCertificates: [item("True", "")],
  challenges: [],
  answers: [["192.168.8.230", OURS]],
};

describe("vmstation validate platform", () => {
  it("passes where each Service has an address and each certificate is issued", () => {
    assert.deepEqual(judge(GOOD), [
      [
        "addresses: pass: 1 of 3 used",
        "free addresses: pass: nobody answers",
        "issuer: pass: 1 ready",
        "certificates: pass: 1 issued",
      ],
    ]);
  });

  it("names who answers for an address that no Service has, as `up` does", () => {
    const answers = [...(GOOD.answers ?? []), ["192.168.8.231", STRANGER]];
    const [taken, given] = judge(
      { ...GOOD, answers },
      {
        ...GOOD,
        answers,
        services: [service("a", "192.168.8.230"), service("b", "192.168.8.231")],
      },
    );
    assert.equal(
      taken?.[1],
      `free addresses: fail: 192.168.8.231 is in use: ${STRANGER} answers there`,
    );
    assert.equal(given?.[1], "free addresses: pass: nobody answers");
  });

  it("asks nobody before `up` has brought what asks, unless a Service has an address already", () => {
    const [early, used] = judge(
      { ...GOOD, services: [service("late")], answers: undefined },
      { ...GOOD, answers: undefined },
    );
    assert.equal(
      early?.[1],
      "free addresses: pass: skipped: `vmstation up` has not yet come to the pool",
    );
    assert.match(used?.[1] ?? "", /^free addresses: error: .*which `vmstation up` brings$/);
  });

  it("says that a pool is exhausted, and who waits", () => {
    const all = ["230", "231", "232"].map((n) => service(`s${n}`, `192.168.8.${n}`));
    const [full, waiting, foreign] = judge(
      { ...GOOD, services: [...all, service("late")] },
      { ...GOOD, services: [service("late")] },
      { ...GOOD, services: [service("odd", "192.168.8.99")] },
    );
    assert.equal(
      full?.[0],
      "addresses: fail: web/late waits for an address; all 3 addresses of 192.168.8.230-192.168.8.232 are taken",
    );
    assert.equal(waiting?.[0], "addresses: fail: web/late waits for an address");
    assert.equal(
      foreign?.[0],
      "addresses: fail: web/odd has 192.168.8.99, which is not of the pool",
    );
  });

  it("says in Cloudflare's or the authority's words why no certificate is issued", () => {
    const reason =
      'while querying the Cloudflare API for GET "/zones" \n\t Error: 9109: Invalid access token';
    const words =
      'while querying the Cloudflare API for GET "/zones" Error: 9109: Invalid access token';
    const limited = item("False", "Issuing certificate as Secret does not exist");
    const last = { type: "Issuing", status: "False", message: "order: 429 rateLimited" };
    limited.status.conditions.push(last);
    const [refused, none, ordered] = judge(
      {
        ...GOOD,
        issuedCertificates: [item("False", "Issuing", { dnsNames: ["*.int.rowan.se"] })],
        challenges: [
          { metadata: { name: "c" }, spec: { dnsName: "int.rowan.se" }, status: { reason } },
          { metadata: { name: "d" }, spec: { dnsName: "other.se" }, status: { reason: "no" } },
        ],
      },
      { ...GOOD, issuers: [] },
      { ...GOOD, issuedCertificates: [limited] },
    );
    assert.equal(refused?.[3], `certificates: fail: traefik/all-names: ${words}`);
    assert.equal(none?.[2], "issuer: fail: there is none");
    assert.equal(ordered?.[3], "certificates: fail: traefik/all-names: order: 429 rateLimited");
  });
});
