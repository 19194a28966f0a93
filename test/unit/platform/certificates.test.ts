import assert from "node:assert/strict";
import { z } from "zod";
import type { Change } from "../../support/homelab";
import { named, type Recorded } from "../../support/mocks";
import { recordStack } from "../../support/stack";
import { TUNNEL_HOSTS, TUNNEL_PLATFORM } from "../../support/tunnel";
import { LOAD_BALANCER, platformSite } from "./sites";

const CERTIFICATES = { email: "me@home.lan.example.se", cloudflareTokenSecret: "dnsToken" };
const PLATFORM = {
  domain: "rowan.se",
  internalDomain: "int.rowan.se",
  loadBalancer: LOAD_BALANCER,
  ingress: { address: "192.168.8.230" },
};

function record(certificates: object, secrets = { dnsToken: "t0ken-of-cloudflare" }) {
  return recordStack(platformSite({ ...PLATFORM, certificates }), secrets);
}

const values = z.object({ podAnnotations: z.object({ "vmstation.io/token": z.string() }) });

const PREFIX = "platform-certificates";

describe("the certificate of all names", () => {
  let graph: Recorded[];
  before(async () => {
    graph = await record(CERTIFICATES);
  });
  const spec = (name: string) => named(graph, `${PREFIX}-${name}`).inputs.spec;

  it("is asked of Let's Encrypt's staging first, by DNS", () => {
    assert.deepEqual(spec("clusterissuer-home"), {
      acme: {
        server: "https://acme-staging-v02.api.letsencrypt.org/directory",
        email: CERTIFICATES.email,
        privateKeySecretRef: { name: "letsencrypt-staging-account" },
        solvers: [
          {
            dns01: {
              cloudflare: { apiTokenSecretRef: { name: "cloudflare-token", key: "token" } },
            },
            selector: { dnsZones: ["rowan.se"] },
          },
        ],
      },
    });
  });

  it("is for both domains and what is below them, and comes after its issuer", () => {
    const { inputs, dependencies } = named(graph, `${PREFIX}-all-names`);
    const dnsNames = ["int.rowan.se", "*.int.rowan.se", "rowan.se", "*.rowan.se"];
    const text = JSON.stringify(inputs);
    assert.ok(text.includes(`"dnsNames":${JSON.stringify(dnsNames)}`));
    assert.ok(text.includes('"namespace":"traefik"'));
    assert.deepEqual(dependencies, [`${PREFIX}-clusterissuer-home`]);
  });

  it("is told to Traefik by an Ingress that leads nowhere", () => {
    const route = JSON.stringify(spec("all-names-route"));
    assert.ok(route.includes('"rules":[{"host":"int.rowan.se"}]'));
    assert.doesNotMatch(route, /backend/i);
  });

  it("has its token in a Secret alone", () => {
    const holding = graph.filter(({ inputs }) => JSON.stringify(inputs).includes("t0ken-of-cloud"));
    assert.deepEqual(
      holding.map(({ name }) => name),
      [`${PREFIX}-token`],
    );
    assert.ok(named(graph, `${PREFIX}-token`).secretInputs.includes("stringData"));
  });

  it("is asked for again at once with another token: cert-manager is replaced", async () => {
    const digest = (recorded: Recorded[]): string => {
      const { inputs, secretInputs } = named(recorded, `${PREFIX}-cert-manager`);
      assert.deepEqual(secretInputs, []);
      return values.parse(inputs.values).podAnnotations["vmstation.io/token"];
    };
    const other = await record(CERTIFICATES, { dnsToken: "another" });
    assert.match(digest(graph), /^[0-9a-f]{16}$/);
    assert.notEqual(digest(other), digest(graph));
  });

  it("is not asked for without the token", async () => {
    const without = await recordStack(
      platformSite({ ...PLATFORM, certificates: CERTIFICATES }),
      {},
    );
    const own = without.filter(({ name }) => name.startsWith(PREFIX)).map(({ name }) => name);
    assert.deepEqual(own, [`${PREFIX}-cert-manager`]);
  });

  it("is signed by a private authority whose key stays", async () => {
    const own = await record({ issuer: "private" });
    const authority = named(own, `${PREFIX}-certificate-private-authority`).inputs.spec;
    assert.match(JSON.stringify(authority), /"isCA":true.*"rotationPolicy":"Never"/);
    assert.deepEqual(named(own, `${PREFIX}-clusterissuer-home`).inputs.spec, {
      ca: { secretName: "private-authority" },
    });
    assert.ok(own.every(({ name }) => name !== `${PREFIX}-token`));
  });
});

describe("what the certificate leaves open", () => {
  const questions = (certificates: object, ...changes: Change[]): string[] =>
    platformSite({ ...TUNNEL_PLATFORM, certificates }, ...changes)
      .facts.openQuestions.filter(({ path }) => path.startsWith("platform.certificates"))
      .map(({ path, message }) => `${path}: ${message}`);
  const ISSUER =
    /^platform\.certificates\.issuer: letsencrypt-staging .* films\.rowan\.se is public already/;

  it("is staging's, which browsers do not trust, where names are public already", () => {
    const [question = "", ...more] = questions(CERTIFICATES, ...TUNNEL_HOSTS);
    assert.match(question, ISSUER);
    assert.deepEqual(more, []);
  });

  it("is nothing while no name is public, nor with a certificate that is not staging's", () => {
    assert.deepEqual(questions(CERTIFICATES), []);
    for (const issuer of ["letsencrypt", "private"])
      assert.deepEqual(questions({ ...CERTIFICATES, issuer }, ...TUNNEL_HOSTS), [], issuer);
  });
});
