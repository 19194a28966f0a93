import assert from "node:assert/strict";
import type { Ask } from "../../../components/hypervisor/proxmox/ask";
import { makeRoom } from "../../../components/hypervisor/proxmox/high-availability";
import { neededRights } from "../../../components/hypervisor/rights";
import { isVirtual, MARK } from "../../../components/hypervisor/virtual";
import { listOpenQuestions } from "../../../stacks/open-questions";
import type { Change } from "../../support/homelab";
import { AVAILABLE, VIRTUAL } from "../../support/hypervisor";
import type { Recorded } from "../../support/mocks";
import { homelabSite } from "../../support/site";
import { ancestorsOf } from "../../support/stack";
import { recordHypervisor } from "./record";

const HA = "proxmoxve:index/ha";

const named = (graph: readonly Recorded[], name: string): Recorded =>
  graph.find((resource) => resource.name === `hypervisor-${name}`) ?? assert.fail(name);

describe("virtual machines in Proxmox's high availability", () => {
  let graph: Recorded[];
  before(async () => {
    graph = await recordHypervisor(AVAILABLE);
  });

  it("are one resource each, and a rule for those with hosts of their own, with exactly these inputs", () => {
    const found = graph
      .filter(({ type }) => type.startsWith(HA))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    assert.deepEqual(
      found.map(({ name, type, inputs }) => [name, type, inputs]),
      [
        [
          "hypervisor-ha-maple",
          "proxmoxve:index/haresource:Haresource",
          {
            ...{ resourceId: "vm:263", type: "vm", state: "started", comment: "Made by VMStation" },
            ...{ failback: true, maxRestart: 3, maxRelocate: 1 },
          },
        ],
        [
          "hypervisor-ha-rule-maple",
          "proxmoxve:index/harule:Harule",
          {
            ...{ rule: "vmstation-263", type: "node-affinity", comment: "Made by VMStation" },
            ...{ disable: false, resources: ["vm:263"] },
            ...{ nodes: { "pve-a": 2, "pve-b": 1 }, strict: true },
          },
        ],
        [
          "hypervisor-ha-spruce",
          "proxmoxve:index/haresource:Haresource",
          {
            ...{ resourceId: "vm:261", type: "vm", state: "started", comment: "Made by VMStation" },
            ...{ failback: true, maxRestart: 1, maxRelocate: 1 },
          },
        ],
      ],
    );
  });

  it("are in it once they are made, and in a rule once they are in it", () => {
    assert.ok(ancestorsOf(graph, "hypervisor-ha-maple").has("hypervisor-vm-maple"));
    assert.ok(!ancestorsOf(graph, "hypervisor-ha-maple").has("hypervisor-vm-spruce"));
    assert.ok(ancestorsOf(graph, "hypervisor-ha-rule-maple").has("hypervisor-ha-maple"));
    for (const { name, type } of graph)
      if (type.startsWith(HA))
        assert.ok(!ancestorsOf(graph, "hypervisor-vm-maple").has(name), name);
  });

  it("leave it with the key, so that nothing starts a machine again that its owner stops", () => {
    for (const { type, protect, retainOnDelete } of graph.filter((each) =>
      each.type.startsWith(HA),
    ))
      assert.deepEqual([protect, retainOnDelete], [false, false], type);
  });

  it("run where high availability has them: an update moves none back", async () => {
    const left = named(graph, "vm-maple").ignoreChanges;
    assert.deepEqual(left.slice(-1), ["nodeName"]);
    const others = named(await recordHypervisor(VIRTUAL), "vm-maple").ignoreChanges;
    assert.ok(!others.includes("nodeName"));
  });

  it("are left as they are in it while they are offline", async () => {
    const offline = await recordHypervisor([
      ...AVAILABLE,
      [["machines", "maple", "offline"], true],
    ]);
    for (const name of ["ha-maple", "ha-rule-maple"])
      assert.deepEqual(named(offline, name).ignoreChanges, ["*"], name);
    assert.deepEqual(named(offline, "ha-spruce").ignoreChanges, []);
  });

  it("need rights to all of Proxmox, which others do not", () => {
    const rightsOf = (changes: readonly Change[]) => {
      const { config, machines } = homelabSite(...changes);
      assert.ok(config.hypervisor !== undefined);
      return neededRights(config.hypervisor, [], machines.filter(isVirtual));
    };
    assert.deepEqual(rightsOf(AVAILABLE)["/"], ["Sys.Audit", "Sys.Console"]);
    assert.equal(rightsOf(VIRTUAL)["/"], undefined);
  });
});

describe("a pool of Proxmox", () => {
  const MANAGED: readonly Change[] = [
    ...VIRTUAL,
    [["hypervisor", "pool"], { name: "vmstation", manage: true }],
  ];

  it("is made before the machines in it where the configuration says so, and never removed", async () => {
    const graph = await recordHypervisor(MANAGED);
    const pool = named(graph, "pool");
    assert.equal(pool.type, "proxmoxve:index/poolLegacy:PoolLegacy");
    assert.deepEqual(pool.inputs, { poolId: "vmstation", comment: "Made by VMStation" });
    assert.equal(pool.retainOnDelete, true);
    assert.deepEqual(pool.ignoreChanges, ["comment"]);
    for (const name of ["vm-maple", "vm-spruce"]) {
      assert.ok(ancestorsOf(graph, `hypervisor-${name}`).has("hypervisor-pool"), name);
      assert.equal(named(graph, name).inputs.poolId, "vmstation");
    }
  });

  it("is not made otherwise, and the machines are the same", async () => {
    const managed = await recordHypervisor(MANAGED);
    for (const pool of ["vmstation", { name: "vmstation" }]) {
      const graph = await recordHypervisor([...VIRTUAL, [["hypervisor", "pool"], pool]]);
      assert.ok(graph.every(({ type }) => !type.includes("pool")));
      assert.deepEqual(named(graph, "vm-maple").inputs, named(managed, "vm-maple").inputs);
    }
  });

  it("needs the right to make it where it is made, and nowhere else", () => {
    const rightsOf = (changes: readonly Change[]) => {
      const { config, machines } = homelabSite(...changes);
      assert.ok(config.hypervisor !== undefined);
      return neededRights(config.hypervisor, [], machines.filter(isVirtual))["/pool/vmstation"];
    };
    const before = rightsOf(VIRTUAL) ?? [];
    assert.deepEqual(rightsOf(MANAGED), [...before, "Pool.Allocate"]);
    assert.ok(before.includes("Pool.Audit"));
  });
});

describe("what stands in high availability already when a machine comes into it", () => {
  /** Answers by path, and what was asked for. */
  const look = async (answers: Readonly<Record<string, unknown>>) => {
    const asked: string[] = [];
    const ask: Ask = (path, method = "GET") => {
      asked.push(`${method} ${path}`);
      const data = answers[`${method} ${path}`];
      return Promise.resolve(
        data === undefined
          ? { status: 403, reason: "Permission check failed" }
          : { status: 200, reason: "", data },
      );
    };
    const said = await makeRoom({ folder: "resources", id: "vm:263" }, ask).then(
      () => undefined,
      String,
    );
    return { said, asked };
  };
  const LIST = "GET /cluster/ha/resources";
  const ONE = "GET /cluster/ha/resources/vm%3A263";
  const DELETE = "DELETE /cluster/ha/resources/vm%3A263";

  it("is nothing, and nothing is done", async () => {
    const { said, asked } = await look({ [LIST]: [{ sid: "vm:264" }] });
    assert.deepEqual([said, asked], [undefined, [LIST]]);
  });

  it("stays where it is somebody else's, and the update says so", async () => {
    for (const comment of [undefined, "by hand"]) {
      const { said, asked } = await look({ [LIST]: [{ sid: "vm:263" }], [ONE]: { comment } });
      assert.match(
        String(said),
        /vm:263 is in Proxmox's high availability already, and VMStation has not/,
      );
      assert.deepEqual(asked, [LIST, ONE]);
    }
  });

  it("is made again where an update was cut after it had made it", async () => {
    const comment = `${MARK}\n`;
    const { said, asked } = await look({
      [LIST]: [{ sid: "vm:263" }],
      [ONE]: { comment },
      [DELETE]: null,
    });
    assert.deepEqual([said, asked], [undefined, [LIST, ONE, DELETE]]);
  });

  it("is not guessed where Proxmox does not say", async () => {
    assert.match(String((await look({})).said), /does not say .*: 403 Permission check failed$/);
    const kept = await look({ [LIST]: [{ sid: "vm:263" }], [ONE]: { comment: MARK } });
    assert.match(String(kept.said), /vm:263 is not made again in high availability: 403/);
  });
});

describe("what the configuration leaves open about high availability", () => {
  const asked = (...changes: readonly Change[]): string[] =>
    listOpenQuestions(homelabSite(...changes), "test", () => true).flatMap(({ path, message }) =>
      path.startsWith("hypervisor") ? [`${path}: ${message}`] : [],
    );
  const THIRD: Change = [
    ["hypervisor", "hosts", "pve-c"],
    { address: "192.168.8.35", cpus: 8, memory: "32Gi" },
  ];

  it("is a third host, without which nothing is started on the last one", () => {
    assert.match(
      asked(...AVAILABLE).join("\n"),
      /hypervisor\.hosts: of two hosts one alone has no quorum/,
    );
    assert.ok(
      !asked(...AVAILABLE, THIRD)
        .join("\n")
        .includes("quorum"),
    );
    assert.deepEqual(asked(...VIRTUAL), []);
  });

  it("is memory for the machines of a host that fails, on hosts that they may run on", () => {
    const large: Change = [["machines", "maple", "memory"], "24Gi"];
    const without = (text: string[]): string[] =>
      text.filter((each) => each.includes("if it fails"));
    assert.deepEqual(without(asked(...AVAILABLE, THIRD, large)), [
      "hypervisor.hosts.pve-a: if it fails, no other host has the memory for maple 24Gi (vm.ha): Proxmox would start too much on one",
    ]);
    const anywhere: Change = [["machines", "maple", "vm", "ha"], {}];
    assert.deepEqual(without(asked(...AVAILABLE, THIRD, large, anywhere)), []);
  });
});
