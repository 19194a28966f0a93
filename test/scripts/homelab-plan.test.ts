import assert from "node:assert/strict";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { connectionHost } from "../../scripts/kit/stack-file/machines";
import { type Plan, plan } from "../../scripts/engine/plan";
import { renderJson } from "../../scripts/kit/plan/render";
import { STACK_TYPE } from "../../scripts/engine/urn";
import { vmstation } from "../support/command-line";
import { HOMELAB_FILE } from "../support/homelab";
import { METHOD_NAMES, withNeeded } from "../support/methods";
import { homelabSite } from "../support/site";
import { recordStack } from "../support/stack";
import { found, stateOf } from "./forget/states";

const ROOT = path.join(__dirname, "../..");

const planSchema = z.strictObject({
  stack: z.string(),
  resources: z.array(
    z.strictObject({
      urn: z.string(),
      type: z.string(),
      name: z.string(),
      parent: z.string().nullable(),
      dependencies: z.array(z.string()),
      propertyDependencies: z.record(z.string(), z.array(z.string())),
      inputs: z.record(z.string(), z.unknown()),
      secretInputs: z.array(z.string()),
      protect: z.boolean(),
      hooks: z.record(z.string(), z.array(z.string())),
      provider: z.string().nullable(),
    }),
  ),
  outputs: z.record(z.string(), z.unknown()),
  warnings: z.array(z.strictObject({ path: z.string(), message: z.string() })),
});

/** The default and the youngest: what differs by the method is compared for all of them in unit/stacks/graph.test.ts. */
const PLANNED = METHOD_NAMES.filter((method) => method === "kubespray" || method === "k3s");

/** The unmodified program, run for some methods once: that takes longest. */
describe("the plan of the homelab", function () {
  this.timeout(120_000);
  const plans = new Map<string, Plan>();
  const planOf = (method: string): Plan => {
    const planned = plans.get(method);
    assert.ok(planned, `there is no plan by ${method}`);
    return planned;
  };

  before(async () => {
    for (const method of PLANNED) {
      const settings = Object.entries(withNeeded(method)).map(
        ([key, value]) =>
          `bootstrap.${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
      );
      const stack = { folder: ROOT, stack: "homelab", configFile: HOMELAB_FILE };
      plans.set(method, await plan({ ...stack, settings, onOutput: () => undefined }));
    }
  });

  it("has the resources that Pulumi's mocks see, and most steps' text", async () => {
    const said = (name: string, type: string, protect: boolean) => `${type} ${name} ${protect}`;
    const mocked = await recordStack(homelabSite(), {});
    const planned = planOf("kubespray").resources.filter(({ type }) => type !== STACK_TYPE);
    assert.deepEqual(
      planned.map(({ name, type, protect }) => said(name, type, protect)).sort(),
      mocked.map(({ name, type, protect }) => said(name, type, protect)).sort(),
    );
    const stdinOf = (name: string) => planned.find((one) => one.name === name)?.inputs.stdin;
    const steps = mocked.filter(({ type }) => type === "command:remote:Command");
    const same = steps.filter(({ name, inputs }) => isDeepStrictEqual(inputs.stdin, stdinOf(name)));
    assert.ok(same.length >= steps.length / 2, `${same.length} of ${steps.length} are the same`);
  });

  for (const method of PLANNED) {
    it(`is one document, in which every dependency exists and comes first, with ${method}`, () => {
      const document = planSchema.parse(JSON.parse(renderJson(planOf(method))));
      const seen = new Set<string>();
      for (const resource of document.resources) {
        for (const urn of resource.dependencies)
          assert.ok(seen.has(urn), `${resource.name} needs ${urn}`);
        seen.add(resource.urn);
        if (resource.type === "command:remote:Command") {
          assert.equal(resource.inputs.connection, "[secret]");
          assert.ok(resource.secretInputs.includes("connection"));
        }
        if (resource.type.startsWith("kubernetes:"))
          assert.match(resource.provider ?? "", /::kubernetes$/);
      }
      assert.ok(document.warnings.some((warning) => warning.path === "machines.hazel.hostKey"));
    });

    it(`has on a machine exactly what connects to it, as forget finds it, with ${method}`, () => {
      const planned = planOf(method);
      assert.ok(planned.machines.length >= 3);
      for (const { name, address } of planned.machines) {
        const expected = planned.resources
          .filter((each) => connectionHost(each) === address || each.name === `node-${name}`)
          .map((each) => each.name)
          .sort();
        assert.ok(expected.length > 8, name);
        assert.deepEqual(found(stateOf(planned), name), expected);
      }
    });
  }

  it("lists every mistake with its key, and ends with 1 and no stack trace", async () => {
    const mistakes = ["power.idleAfter=soon", "monitoring.grafana.nodePort=3000"];
    const settings = mistakes.flatMap((setting) => ["--set", setting]);
    const stack = ["--stack", "homelab", "--config-file", HOMELAB_FILE];
    const ran = await vmstation("-C", ROOT, "plan", ...stack, ...settings);
    assert.equal(ran.status, 1);
    assert.match(
      ran.stderr,
      /2 mistakes in the configuration of stack homelab; nothing was touched/,
    );
    assert.match(ran.stderr, /vmstation:power\.idleAfter\n +found +"soon"\n +accepted a duration/);
    assert.match(ran.stderr, /vmstation:monitoring\.grafana\.nodePort\n +found +3000/);
    assert.doesNotMatch(ran.stderr, /^ +at /m);
    assert.equal(ran.stdout, "");
  });
});
