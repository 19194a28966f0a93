import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import { checkConfig } from "../../../stacks/check";
import { loadStack } from "../../../stacks/config";
import { listOpenQuestions } from "../../../stacks/open-questions";
import { longestWake } from "../../../stacks/site";
import { parseWarning, renderWarning } from "../../../stacks/warnings";
import { withIngress } from "../../support/fixtures/apps/configured/apps";
import { changedHomelab, homelabValues, type Change } from "../../support/homelab";
import { homelabSite } from "../../support/site";

function warningPaths(...changes: readonly Change[]): string[] {
  return listOpenQuestions(homelabSite(...changes), "homelab", () => true).map((w) => w.path);
}

describe("the homelab's configuration", () => {
  it("is right, and says what the owner's documents leave open", () => {
    const questions = listOpenQuestions(homelabSite(), "homelab", () => false);
    assert.deepEqual(
      questions.map((question) => question.path).filter((path) => path.includes("hostKey")),
      ["machines.hazel.hostKey", "machines.maple.hostKey", "machines.spruce.hostKey"],
    );
    for (const disk of ["/srv/monitoring_data", "/srv/data2", "/srv/data3", "/srv/data5"]) {
      assert.ok(questions.some((q) => q.path === `machines.maple.mounts.${disk}.source`));
    }
    const bmc = questions.find((q) => q.path === "machines.hazel.bmc.passwordSecret");
    assert.match(
      bmc?.message ?? "",
      /npx vmstation pulumi config set --stack homelab --secret vmstation:bmcPassword$/,
    );
    for (const question of questions) assert.match(question.message, /npx vmstation|GiB/);
  });

  it("warns of a secret that stands in the file in plain text, by its own key", () => {
    const isPlain = (secret: string): boolean => secret === "bmcPassword";
    const plain = listOpenQuestions(homelabSite(), "homelab", () => true, isPlain).filter(
      ({ path }) => path === "bmcPassword",
    );
    assert.equal(plain.length, 1);
    assert.match(plain[0]?.message ?? "", /plain text.* --secret vmstation:bmcPassword$/);
    assert.ok(!warningPaths().includes("bmcPassword"));
  });

  /** The stack as the program reads it, and what it warns of. */
  async function load(secrets: Record<string, string>, ...changes: readonly Change[]) {
    const { warn } = console;
    const said: string[] = [];
    const before = pulumi.runtime.allConfig();
    const mocks = { call: () => ({}), newResource: () => ({ id: "", state: {} }) };
    await pulumi.runtime.setMocks(mocks, "vmstation", "homelab", true);
    const values = Object.entries(changedHomelab(...changes).values).map(
      ([key, value]) => [key, JSON.stringify(value)] as const,
    );
    const all = [...values, ...Object.entries(secrets)];
    pulumi.runtime.setAllConfig(
      Object.fromEntries(all.map(([key, value]) => [`vmstation:${key}`, value])),
    );
    const keys = Object.keys(secrets).map((key) => `vmstation:${key}`);
    process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(keys);
    console.warn = (text: string) => said.push(text);
    try {
      return { warnings: loadStack().warnings, said };
    } finally {
      console.warn = warn;
      delete process.env.PULUMI_CONFIG_SECRET_KEYS;
      pulumi.runtime.setAllConfig(before);
    }
  }

  it("warns, as the program reads it, of a secret that nothing uses", async () => {
    const { warnings, said } = await load({ restApiToken: "x" });
    assert.ok(warnings.some(({ path }) => path === "restApiToken"));
    assert.ok(said.some((text) => text.includes("restApiToken: nothing uses this secret")));
  });

  it("refuses a preview whose Vaultwarden has a plain admin token, and does not show that", async () => {
    const keys = { machine: "maple", host: "passwords", adminTokenSecret: "vaultAdmin" };
    const changes: readonly Change[] = [...withIngress, [["apps", "vaultwarden"], keys]];
    const hash = `$argon2id$v=19$m=65540,t=3,p=4$${"bXlzYWx0".repeat(3)}$${"aGFzaGhhc2g".repeat(3)}`;
    await load({ vaultAdmin: hash }, ...changes);
    await assert.rejects(load({ vaultAdmin: "S3CRET-of-mine" }, ...changes), (error: Error) => {
      assert.match(
        error.message,
        /vmstation:apps\.vaultwarden\.adminTokenSecret\n +found +vmstation:vaultAdmin: something else than a hash\n +accepted an argon2id hash, /,
      );
      assert.doesNotMatch(`${error.message} ${error.stack ?? ""}`, /S3CRET/);
      return true;
    });
  });

  it("waits, in a run that wakes machines, as long as the slowest one may take", () => {
    const own = ["machines", "hazel", "power", "wakeTimeout"];
    assert.equal(longestWake(homelabSite()), 600);
    assert.equal(longestWake(homelabSite([own, undefined])), 300);
    assert.equal(longestWake(homelabSite([own, "1m"])), 300);
  });

  it("derives the cluster's DNS address from the service network", () => {
    assert.equal(homelabSite().clusterDns, "10.96.0.10");
    assert.equal(
      homelabSite([["network", "serviceCidr"], "10.100.1.0/24"]).clusterDns,
      "10.100.1.10",
    );
  });

  it("warns where limits and reserves exceed a machine's memory, naming the largest", () => {
    assert.ok(!warningPaths().includes("machines.maple.memory"));
    assert.ok(
      warningPaths([["machines", "maple", "memory"], "4Gi"]).includes("machines.maple.memory"),
    );
  });

  it("means the same in any order of its machines", () => {
    const names = Object.keys(homelabValues().machines ?? {});
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (order) => {
        const raw = changedHomelab();
        const machines = raw.values.machines;
        assert.ok(typeof machines === "object" && machines !== null);
        const shuffled = Object.fromEntries(
          order.map((name): [string, unknown] => [name, Reflect.get(machines, name)]),
        );
        const { site } = checkConfig({ ...raw, values: { ...raw.values, machines: shuffled } });
        const { machines: expected, facts } = homelabSite();
        assert.ok(site);
        assert.deepEqual(site.machines, expected);
        assert.deepEqual(site.facts, facts);
      }),
    );
  });

  it("is checked without an exception, no matter what is written", () => {
    const layers = Object.keys(homelabValues());
    fc.assert(
      fc.property(fc.constantFrom(...layers), fc.jsonValue(), (layer, value) => {
        const { problems } = checkConfig(changedHomelab([[layer], value]));
        for (const problem of problems) {
          assert.ok(problem.path !== "" && problem.accepted !== "", JSON.stringify(problem));
        }
      }),
    );
  });
});

describe("a warning", () => {
  it("comes out of the log as it went in", () => {
    const path = fc.stringMatching(/^[a-z][\w./-]{0,30}$/);
    fc.assert(
      fc.property(path, fc.string({ minLength: 1 }), (key, message) => {
        assert.deepEqual(parseWarning(renderWarning({ path: key, message })), {
          path: key,
          message,
        });
      }),
    );
  });
});
