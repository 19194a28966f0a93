import assert from "node:assert/strict";
import { z } from "zod";
import { appsChecks } from "../../../components/apps/facts";
import { renderSettings } from "../../../components/validation/render-settings";
import { readSite } from "../../../scripts/kit/ssh/operator";
import { loadProject } from "../../../scripts/kit/stack-file/project";
import { listAttention } from "../../../scripts/verbs/status/attention";
import type { Check } from "../../../scripts/kit/validation-report";
import { type Found, groupsOf } from "../../../scripts/verbs/status/look";
import type { Change } from "../../support/homelab";
import { homelabSite } from "../../support/site";
import { NOW } from "../../unit/validation/cluster-state";
import { CHECKS, expected } from "../../unit/validation/run-checks";
import { OperationsLab } from "../operations/lab";
import { IDLE } from "../power/support";

const CHECK: Check = {
  ...({ group: "nodes", name: "taints", status: "pass", found: "none" } as const),
  ...{ expected: "none", advice: "" },
};

const WELL: Found = {
  update: { value: { kind: "update", result: "succeeded" } },
  power: { value: [{ ...IDLE, proved: true }] },
  checks: { value: [CHECK] },
  backups: { value: [{ set: "etcd", item: "etcd", success: 1, failed: false }] },
};

describe("what needs attention", () => {
  const listed = (changes: Partial<Found>): string[] =>
    listAttention("mine", { ...WELL, ...changes }, []);

  it("is empty if everything is well", () => {
    assert.deepEqual(listed({}), []);
  });

  it("is each problem, with the command that continues", () => {
    assert.deepEqual(listed({ update: { value: null } }), [
      "the stack was never applied: npx vmstation up --stack mine",
    ]);
    const reasons = ["no SSH within 300 s"];
    const failed = { ...IDLE, ...({ state: "failed" } as const), reasons };
    assert.deepEqual(listed({ power: { value: [{ ...failed, proved: true }] } }), [
      "box failed: no SSH within 300 s; once it is repaired: npx vmstation power test box --stack mine",
    ]);
    const taints = { ...CHECK, status: "fail", found: "one", advice: "run pulumi up" } as const;
    assert.deepEqual(listed({ checks: { value: [taints] } }), ["taints: one; run pulumi up"]);
    const never = [{ set: "apps", item: "web", success: null, failed: false }];
    assert.deepEqual(listed({ backups: { value: never } }), [
      "web was never backed up: npx vmstation backup web --stack mine",
    ]);
  });

  it("is what could not be asked, once, and what the configuration leaves open", () => {
    const away = { unknown: "maple does not answer: No route to host" };
    const open = [{ path: "machines.nas.hostKey", message: "is not pinned" }];
    assert.deepEqual(
      listAttention("mine", { ...WELL, power: away, checks: away, backups: away }, open),
      ["maple does not answer: No route to host", "machines.nas.hostKey: is not pinned"],
    );
  });
});

const withVault: readonly Change[] = [
  [
    ["platform"],
    {
      internalDomain: "int.example.org",
      loadBalancer: { addresses: ["192.168.8.230/32"] },
      ingress: { address: "192.168.8.230" },
    },
  ],
  [["apps", "vault"], { machine: "maple", host: "vault" }],
];

describe("what is asked for the page", () => {
  it("is the nodes, and a store of secrets and Argo CD where the stack has them", () => {
    assert.deepEqual(groupsOf(homelabSite()), ["nodes"]);
    const gitops = {
      ...{ machine: "maple", namespaces: ["mqtt"] },
      repository: "https://git.example.org/me/home.git",
    };
    const site = homelabSite(...withVault, [["gitops"], gitops]);
    assert.deepEqual(groupsOf(site), ["nodes", "apps", "gitops"]);
  });

  it("says that the store is sealed, and by which command it is unsealed", () => {
    const sealed: Check = {
      ...{ group: "apps", name: "vault", status: "fail", found: "sealed: 0 of 3 keys given" },
      ...{ expected: "an unsealed store of secrets", advice: "bao operator unseal" },
    };
    assert.deepEqual(listAttention("mine", { ...WELL, checks: { value: [CHECK, sealed] } }, []), [
      "vault: sealed: 0 of 3 keys given; bao operator unseal",
    ]);
  });
});

describe("vmstation status", () => {
  let lab: OperationsLab;
  beforeEach(() => {
    lab = new OperationsLab();
  });
  afterEach(() => {
    lab.remove();
  });

  it("shows what the controller knows, and asks no other machine", async () => {
    const held = "192.168.8.9 answers, held by hazel";
    const checks = [CHECK, { ...CHECK, group: "endpoint", name: "virtual address", found: held }];
    const report = { status: "pass", counts: { pass: 2, fail: 0, error: 0 }, checks };
    lab.write("report", JSON.stringify(report));
    lab.write("rows", JSON.stringify([{ ...IDLE, machine: "hazel", state: "asleep" }]));
    lab.write("backups", JSON.stringify([]));
    lab.answer(
      "maple",
      'case "$1$(cat)" in *vmstation-validate*) cat "$BOX/report" ;; *power-state*) cat "$BOX/rows" ;; *) cat "$BOX/backups" ;; esac',
    );
    const { stdout } = await lab.run("status");
    assert.match(stdout, /^homelab: the cluster \S+, 3 machines\n\nLast update: unknown\n/);
    assert.match(stdout, /\nCluster: 1 of 1 checks of the nodes pass\n/);
    assert.match(stdout, /\nAPI server: 192\.168\.8\.9 answers, held by hazel\n/);
    assert.match(stdout, /\nhazel +asleep /);
    assert.match(stdout, /\nNeeds attention\n {2}- /);
    assert.ok(
      lab.sessions().every((session) => session.startsWith("maple ")),
      lab.sessions().join(),
    );
  });

  it("says in text and in JSON that a store of secrets is sealed, and how to unseal it", async () => {
    lab.remove();
    lab = new OperationsLab(...withVault);
    const site = readSite(loadProject(lab.root), "homelab");
    const settings = { ...expected, appChecks: appsChecks(site.apps) };
    lab.write("settings.json", renderSettings(site.config.validation, settings));
    const vault = { ok: { initialized: true, sealed: true, t: 3, progress: 1 } };
    lab.write("seen.json", JSON.stringify({ now: NOW, sources: { vault } }));
    lab.write("rows", JSON.stringify([{ ...IDLE, machine: "hazel", proved: true }]));
    // The checks themselves, of the groups that are asked for and can be looked at here.
    const checks = `python3 -B "${CHECKS}" apps --json --settings "$BOX/settings.json" --observations "$BOX/seen.json"`;
    const validate = `*vmstation-validate*"'apps'"*) ${checks}`;
    lab.answer(
      "maple",
      `case "$1$(cat)" in ${validate} ;; *power-state*) cat "$BOX/rows" ;; *) echo '[]' ;; esac`,
    );
    const unseal = "kubectl -n vault exec -it vault-0 -- bao operator unseal";
    const line = `vault: sealed: 1 of 3 keys given; once for each key that it wants: ${unseal}`;
    const { code, stdout } = await lab.run("status");
    assert.equal(code, 1);
    // It may be copied, so no line's end is in it.
    const shown = line.replace(unseal, `\n    ${unseal}`).replace(": \n", ":\n");
    assert.ok(stdout.includes(`\n  - ${shown}\n`), stdout);
    const { stdout: json } = await lab.run("status", "--json");
    const { attention, cluster } = z
      .object({
        attention: z.array(z.string()),
        cluster: z.object({
          value: z.array(z.object({ group: z.string(), status: z.string(), advice: z.string() })),
        }),
      })
      .parse(JSON.parse(json));
    assert.ok(attention.includes(line), json);
    const advice = `once for each key that it wants: ${unseal}`;
    assert.deepEqual(cluster.value, [{ group: "apps", status: "fail", advice }]);
  });

  it("says so where the controller does not answer, after one try", async () => {
    lab.silence("maple");
    const { code, stdout } = await lab.run("status", "--json");
    const { attention } = z.object({ attention: z.array(z.string()) }).parse(JSON.parse(stdout));
    assert.equal(code, 1);
    assert.equal(attention.filter((line) => line.includes("does not answer")).length, 1);
    assert.equal(lab.sessions().length, 1);
  });
});
