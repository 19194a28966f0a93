import assert from "node:assert/strict";
import fc from "fast-check";
import { vmSchema } from "../../components/hypervisor/config";
import { renderPool } from "../../components/hypervisor/proxmox/pool";
import { renderHaResource, renderHaRule } from "../../components/hypervisor/proxmox/render-ha";
import { isVirtual, type VirtualMachine } from "../../components/hypervisor/virtual";
import { chooseSeed, countCases } from "../support/cases";
import { AVAILABLE } from "../support/hypervisor";
import { documentedRights, withOneLess } from "../support/proxmox-rights";
import { homelabSite } from "../support/site";
import { refusalOf, useFakePve } from "./use-fake-pve";

const RIGHTS = documentedRights("High availability");
const OF_POOL = documentedRights("A pool that is made");
const machines = homelabSite(...AVAILABLE).machines.filter(isVirtual);

const flag = (value: boolean): string => (value ? "1" : "0");

/** What the provider makes of the settings, by its source: a request for each, flags as numbers, lists with commas. */
describe("the requests for high availability and for a pool", () => {
  const pve = useFakePve(RIGHTS);
  beforeEach(async () => {
    await pve().call("empty");
    await pve().call("allow", RIGHTS);
    for (const { name, vm } of machines) await pve().call("make", vm.id, name, vm.host);
  });

  const post = (path: string, values: Readonly<Record<string, string>>) =>
    refusalOf(pve().api().post(path, values));
  const join = (machine: VirtualMachine) => {
    const ha = machine.vm.ha ?? assert.fail("the fixture has no ha");
    const { resourceId, type, state, comment, ...rest } = renderHaResource(machine, ha);
    return post("/cluster/ha/resources", {
      ...{ sid: resourceId, type, state, comment, failback: flag(rest.failback) },
      ...{ max_restart: String(rest.maxRestart), max_relocate: String(rest.maxRelocate) },
    });
  };
  const prefer = (machine: VirtualMachine) => {
    const ha = machine.vm.ha ?? assert.fail("the fixture has no ha");
    const made = renderHaRule(machine, ha);
    if (made === undefined) return undefined;
    const { rule, type, comment, disable, resources, nodes, strict } = made;
    return post("/cluster/ha/rules", {
      ...{ rule, type, comment, disable: flag(disable), strict: flag(strict) },
      resources: resources.join(","),
      nodes: Object.entries(nodes)
        .map(([host, priority]) => `${host}:${priority}`)
        .join(","),
    });
  };

  it("are as the API's own schema wants them, and allowed by the documents' rights", async () => {
    for (const machine of machines) {
      assert.equal(await join(machine), undefined);
      assert.equal(await prefer(machine), undefined);
    }
    const common = { type: "vm", state: "started", comment: "Made by VMStation", failback: 1 };
    assert.deepEqual(await pve().call("available"), {
      resources: {
        "vm:263": { ...common, max_restart: 3, max_relocate: 1 },
        "vm:261": { ...common, max_restart: 1, max_relocate: 1 },
      },
      rules: {
        "vmstation-263": {
          ...{ type: "node-affinity", comment: "Made by VMStation", strict: 1 },
          ...{ resources: "vm:263", nodes: "pve-a:2,pve-b:1" },
        },
      },
    });
  });

  it("are refused with a right less", async () => {
    const [machine = assert.fail("the fixture has no machine")] = machines;
    for (const { left, without } of withOneLess(RIGHTS)) {
      await pve().call("allow", left);
      const said =
        without === "Sys.Audit"
          ? refusalOf(pve().api().get("/cluster/ha/resources"))
          : join(machine);
      assert.match(String(await said), new RegExp(`403 Permission check failed .*${without}`));
    }
  });

  it("have values that the API takes, wherever the configuration takes them", async () => {
    const [machine = assert.fail("the fixture has no machine")] = machines;
    const attempts = fc.integer({ min: -1, max: 12 });
    const ha = fc.record({
      hosts: fc.option(fc.uniqueArray(fc.constantFrom("pve-a", "pve-b"), { maxLength: 2 }), {
        nil: undefined,
      }),
      ...{ strict: fc.boolean(), failback: fc.boolean() },
      ...{ maxRestart: attempts, maxRelocate: attempts },
    });
    await fc.assert(
      fc.asyncProperty(ha, async (values) => {
        const vm = vmSchema.safeParse({ ...machine.vm, disk: "64Gi", ha: values }).data;
        if (vm === undefined) return;
        await pve().call("ha_empty");
        const said = [await join({ ...machine, vm }), await prefer({ ...machine, vm })];
        assert.deepEqual(said, [undefined, undefined], JSON.stringify(values));
      }),
      { numRuns: countCases(100), seed: chooseSeed() },
    );
  });

  it("make a pool by a right for it alone", async () => {
    const { poolId, comment } = renderPool("vmstation");
    await pve().call("forget_pool", "vmstation");
    await pve().call("allow", { "/pool/vmstation": ["Pool.Audit"] });
    const values = { poolid: poolId, comment };
    assert.match(String(await post("/pools", values)), /403 .*Pool\.Allocate/);
    await pve().call("allow", OF_POOL);
    assert.equal(await post("/pools", values), undefined);
    assert.deepEqual(await pve().call("pool_names"), ["vmstation"]);
    assert.match(String(await post("/pools", { ...values, poolid: "other" })), /403 /);
  });
});
