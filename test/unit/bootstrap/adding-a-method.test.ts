import assert from "node:assert/strict";
import * as path from "node:path";
import { z } from "zod";
import type { BootstrapMethod } from "../../../components/bootstrap/method";
import type { StackConfig } from "../../../stacks/schema";
import type { Site } from "../../../stacks/site";
import { AddedProgram } from "../../support/added-program";
import type { Change } from "../../support/homelab";
import { named, type Recorded } from "../../support/mocks";

const FIXTURE = path.join(__dirname, "../../support/fixtures/bootstrap/found.ts");

const isFunction = (value: unknown): boolean => typeof value === "function";
const modules = {
  site: z.object({
    homelabSite: z.custom<(...changes: readonly Change[]) => Site>(isFunction),
  }),
  stack: z.object({ recordStack: z.custom<(site: Site) => Promise<Recorded[]>>(isFunction) }),
  methods: z.object({
    methodOf: z.custom<(config: StackConfig["bootstrap"]) => BootstrapMethod>(isFunction),
  }),
};

describe("a bootstrap method that was added as CONTRIBUTING says", function () {
  this.timeout(60_000);
  let program: AddedProgram;
  let site: Site;
  let graph: Recorded[];

  before(async () => {
    program = new AddedProgram();
    program.add(FIXTURE, "components/bootstrap/found/method.ts");
    program.follow("Adding a bootstrap method");
    const { homelabSite } = modules.site.parse(program.load("test/support/site"));
    site = homelabSite([["bootstrap"], { method: "found", kubeconfig: "/root/kubeconfig" }]);
    graph = await modules.stack.parse(program.load("test/support/stack")).recordStack(site);
  });
  after(() => {
    program.remove();
  });

  it("is a folder and one line", () => {
    assert.deepEqual(program.changes(), [
      "+ components/bootstrap/found/method.ts",
      "M components/bootstrap/registry.ts",
    ]);
  });

  it("makes the cluster that every later layer waits for", () => {
    const children = graph.filter(({ parent }) => parent === "bootstrap").map(({ name }) => name);
    assert.deepEqual(children.sort(), [
      "bootstrap-kubeconfig",
      "bootstrap-seen",
      "bootstrap-verify",
    ]);
    assert.match(String(named(graph, "bootstrap-seen").inputs.stdin), /\/root\/kubeconfig/);
    assert.ok(graph.some(({ name }) => name === "monitoring-kube-prometheus-stack"));
  });

  it("is known to preflight, backups and promotion by what it says of itself", () => {
    const text = JSON.stringify(graph.map(({ inputs }) => inputs));
    assert.match(text, /\/var\/lib\/vmstation\/bootstrap\/found/);
    const { methodOf } = modules.methods.parse(program.load("components/bootstrap/methods"));
    const { bootstrap } = site.config;
    const pins = methodOf(bootstrap).pins(bootstrap);
    assert.deepEqual(pins, { "bootstrap.kubeconfig": "/root/kubeconfig" });
  });
});
