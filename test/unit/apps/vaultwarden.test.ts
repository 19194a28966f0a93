import assert from "node:assert/strict";
import { appsSchema } from "../../../components/apps/config";
import { appsFacts, hostsOf } from "../../../components/apps/facts";
import { planApps } from "../../../components/apps/plan-apps";
import { parseAdminToken } from "../../../components/apps/vaultwarden/admin-token";
import type { VaultwardenConfig } from "../../../components/apps/vaultwarden/config";
import { renderStatefulSet, renderVariables } from "../../../components/apps/vaultwarden/workload";
import { fullName } from "../../../components/shared/hosts";
import { renderRoute } from "../../../components/shared/routes";
import { frame } from "./frame";
import { appSite } from "./settings";

const HASH = `$argon2id$v=19$m=65540,t=3,p=4$${"bXlzYWx0".repeat(3)}$${"aGFzaGhhc2g".repeat(3)}`;
const DOMAINS = { domain: "example.org", internalDomain: "int.example.org" };

/** A stack that has Vaultwarden alone, and what follows of it. */
function stackWith(keys: object) {
  const config = appsSchema.parse({
    vaultwarden: { machine: "maple", host: "passwords", ...keys },
  });
  assert.ok(config.vaultwarden);
  const plans = planApps(config, appSite);
  const [plan] = plans;
  assert.ok(plan);
  return { app: config.vaultwarden, plan, facts: appsFacts(plans, appSite) };
}

function variables(app: VaultwardenConfig) {
  const host = "passwords.example.org";
  return renderVariables(app, { ...frame("vaultwarden", "maple", false), host });
}

const accepted = (keys: object): string[] =>
  appsSchema
    .safeParse({ vaultwarden: { machine: "maple", host: "passwords", ...keys } })
    .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];

describe("Vaultwarden", () => {
  it("lets nobody make an account by default, and has the address of its host", () => {
    const { app } = stackWith({});
    const { DOMAIN, SIGNUPS_ALLOWED, SIGNUPS_DOMAINS_WHITELIST, SHOW_PASSWORD_HINT } =
      variables(app);
    assert.equal(DOMAIN, "https://passwords.example.org");
    assert.deepEqual(
      [SIGNUPS_ALLOWED, SIGNUPS_DOMAINS_WHITELIST, SHOW_PASSWORD_HINT],
      ["false", undefined, "false"],
    );
  });

  it("lets people of some domains make one, each asked by mail", () => {
    const mail = { server: "mail.example.org", from: "vault@example.org" };
    const { app } = stackWith({ access: "public", signups: { domains: ["example.org"] }, mail });
    const set = variables(app);
    assert.equal(set.SIGNUPS_ALLOWED, "false");
    assert.equal(set.SIGNUPS_DOMAINS_WHITELIST, "example.org");
    assert.equal(set.SIGNUPS_VERIFY, "true");
    assert.equal(set.SMTP_HOST, "mail.example.org");
  });

  it("sends no mail before the password for it is set", () => {
    const mail = {
      ...{ server: "mail.example.org", from: "vault@example.org" },
      ...{ username: "vault", passwordSecret: "mailPassword" },
    };
    assert.equal(variables(stackWith({ mail }).app).SMTP_HOST, undefined);
  });

  it("never leads the world to /admin, and home by a name of its own alone", () => {
    const keys = { access: "public", adminTokenSecret: "vaultAdmin", adminHost: "vault-admin" };
    const { plan } = stackWith(keys);
    const [world, home, ...others] = hostsOf(plan, appSite);
    assert.ok(world && home);
    assert.deepEqual(others, []);
    assert.equal(fullName(world, DOMAINS), "passwords.example.org");
    assert.match(
      JSON.stringify(renderRoute(world, "passwords.example.org", "traefik")),
      /"path":"\/admin","pathType":"Prefix","backend":\{"service":\{"name":"vaultwarden-closed"/,
    );
    assert.equal(fullName(home, DOMAINS), "vault-admin.int.example.org");
    assert.deepEqual([home.access, home.closed], ["internal", undefined]);
  });

  it("closes /admin to the world although no password opens it", () => {
    const [world] = hostsOf(stackWith({ access: "public" }).plan, appSite);
    assert.deepEqual(world?.closed, ["/admin"]);
    const [home] = hostsOf(stackWith({}).plan, appSite);
    assert.equal(home?.closed, undefined);
  });

  it("is not reached from the LAN but by the ingress", () => {
    const { facts } = stackWith({});
    const into = facts.namespaces?.[0]?.policies.filter(({ direction }) => direction === "ingress");
    assert.deepEqual(
      into?.map(({ peers }) => peers),
      [[{ cidr: appSite.network.podCidr }]],
    );
  });

  it("has its database copied by SQLite while it is in use, in its folder or its claim", () => {
    const { facts } = stackWith({});
    const [backup] = facts.backups ?? [];
    assert.deepEqual([backup?.directory, backup?.databases], ["/var/lib/vaultwarden", true]);
    const claimed = stackWith({ data: { storageClass: "fast" } }).facts;
    assert.deepEqual(claimed.backups, []);
    assert.equal(claimed.claims?.[0]?.backup?.databases, true);
  });

  it("keeps nothing that somebody sets under /admin, and takes its pins and its user from here", () => {
    const { app } = stackWith({});
    assert.equal(variables(app).CONFIG_FILE, "/tmp/config.json");
    const text = JSON.stringify(renderStatefulSet(app, frame("vaultwarden", "maple", false)));
    assert.match(text, /vaultwarden\/server:1\.[\d.]+@sha256:[0-9a-f]{64}/);
    assert.match(text, /"runAsUser":1000/);
    assert.doesNotMatch(text, /"replicas"/);
  });

  it("takes an argon2id hash alone for the administrator's password, and shows nothing of it", () => {
    assert.equal(parseAdminToken(`${HASH}\n`, "x"), HASH);
    const bad = [
      "S3CRET",
      HASH.replace("argon2id", "argon2i"),
      HASH.replaceAll("$", ""),
      HASH.replace("m=65540", "m=1024"),
      "$2y$05$bvIG6Nmid91Mu9RcmmWZfO",
    ];
    for (const text of bad) {
      assert.throws(
        () => parseAdminToken(text, "vmstation:vaultAdmin"),
        ({ message }: Error) =>
          /^vmstation:vaultAdmin: .*; expected an argon2id hash/.test(message) &&
          !message.includes("bXlz") &&
          !message.includes("S3CRET") &&
          !message.includes("bvIG"),
        text,
      );
    }
  });

  it("is refused to the world with sign-ups for everybody, or by domain without mail", () => {
    assert.match(
      accepted({ access: "public", signups: true }).join(),
      /^vaultwarden\.signups: false/,
    );
    const domains = { access: "public", signups: { domains: ["example.org"] } };
    assert.match(accepted(domains).join(), /^vaultwarden\.mail: a mail server/);
    assert.deepEqual(accepted({ signups: true }), []);
  });
});
