import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import {
  renderInstallStep,
  renderRunStep,
  Validation,
} from "../../../components/validation/validation";
import { named, recordGraph } from "../../support/mocks";
import { Sandbox, type Ran } from "../../support/sandbox";
import { homelabSite } from "../../support/site";

const site = homelabSite();
const [, controller] = site.machines;
assert.equal(controller?.name, "maple");
const expected = {
  machines: site.machines,
  lan: site.config.lan,
  clusterDns: site.clusterDns,
  encapsulation: site.config.network.encapsulation,
  daemonSets: site.daemonSets,
  namespaces: ["monitoring"],
};

describe("the validation component", () => {
  const record = () =>
    recordGraph(() => {
      const access = { settings: site.config.remote };
      const config = site.config.validation;
      const cluster = new pulumi.ComponentResource("test:Cluster", "cluster");
      const graph = { digest: "d1", cluster, everything: [] };
      new Validation("validation", { config, access, controller, expected, ...graph });
    });

  it("installs the checks on the control plane, then runs them", async () => {
    const graph = await record();
    assert.deepEqual(
      graph.map(({ type, name, parent }) => [type, name, parent]),
      [
        ["test:Cluster", "cluster", ""],
        ["vmstation:validation:Validation", "validation", ""],
        ["command:remote:Command", "validation-checks-maple", "validation"],
        ["command:remote:Command", "validation-run-maple", "validation"],
      ],
    );
    const run = named(graph, "validation-run-maple");
    assert.deepEqual(run.dependencies, ["validation-checks-maple"]);
    assert.equal(run.inputs.delete, undefined);
    assert.notEqual(named(graph, "validation-checks-maple").inputs.delete, undefined);
  });

  it("leaves out the checks of the platform where the stack has none", () => {
    const { files = [] } = renderInstallStep(site.config.validation, expected);
    assert.ok(files.every((file) => !(file.path + file.content).includes("platform")));
  });

  it("brings every check, readable, and an entry that can be executed", () => {
    const { files = [] } = renderInstallStep(site.config.validation, {
      ...expected,
      ...{ platformChecks: {}, appChecks: {}, gitops: { page: "x" } },
    });
    const folder = path.join(__dirname, "../../../components/validation/files/checks");
    const checks = fs.readdirSync(folder).filter((name) => name.endsWith(".py"));
    assert.deepEqual(
      files.map((file) => `${file.path} ${file.mode ?? "0644"}`).sort(),
      [
        ...checks.map((name) => `/usr/local/lib/vmstation/checks/${name} 0644`),
        "/usr/local/sbin/vmstation-validate 0755",
        "/etc/vmstation/validation.json 0644",
      ].sort(),
    );
  });

  it("expects nothing of a machine that is offline", () => {
    const machines = site.machines.map((m) => ({ ...m, offline: m.name === "hazel" }));
    const { files = [] } = renderInstallStep(site.config.validation, { ...expected, machines });
    const settings = z
      .object({ machines: z.record(z.string(), z.unknown()), prometheus: z.null() })
      .parse(JSON.parse(files.at(-1)?.content ?? ""));
    assert.deepEqual(Object.keys(settings.machines), ["maple", "spruce"]);
  });
});

describe("the run that ends the graph", () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
  });
  afterEach(() => {
    box.remove();
  });

  /** `entry` stands in for vmstation-validate: $6 is where its report goes. */
  function run(entry: string, verb = "apply"): Ran {
    const step = renderRunStep({ wait: 300 }, "d1");
    const script = `${step.script}\nvmstation-validate() {\n${entry}\n}`;
    return box.run({ ...step, script: rename(script) }, verb);
  }

  // A function's name holds no hyphen in POSIX sh.
  const rename = (script: string): string => script.replaceAll("vmstation-validate", "entry");

  it("yields the report of a healthy cluster, asked of all groups with time to become healthy", () => {
    const ran = run('echo "$*" >&2; echo \'{"status": "pass"}\' >"$6"');
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(ran.stdout, '{"status": "pass"}\n');
    assert.match(ran.stderr, /^all --wait 300 --failures --save \S+\/report$/m);
  });

  for (const code of [1, 2]) {
    it(`fails with what is wrong where the checks end with ${code}`, () => {
      const ran = run(`echo 'fail   time: clocks: hazel is -2.000 s off'; return ${code}`);
      assert.equal(ran.code, 1);
      assert.equal(ran.stdout, "");
      assert.match(ran.stderr, /fail {3}time: clocks: hazel is -2\.000 s off/);
      assert.match(ran.stderr, /the cluster is not as described/);
    });
  }

  it("says so where the checks themselves stop", () => {
    const ran = run("return 70");
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /the checks themselves stopped with code 70/);
  });

  it("finds no drift in health", () => {
    assert.deepEqual([run("return 1", "check").code, run("return 1", "remove").code], [0, 0]);
  });

  it("runs again when the digest of the layers changes", () => {
    assert.notDeepEqual(renderRunStep({ wait: 300 }, "a"), renderRunStep({ wait: 300 }, "b"));
  });
});
