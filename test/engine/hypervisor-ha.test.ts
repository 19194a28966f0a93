import assert from "node:assert/strict";
import { z } from "zod";
import { documentedRights } from "../support/proxmox-rights";
import { HYPERVISOR, RIGHTS as OF_MACHINES, useVirtualLab } from "./virtual-lab";

const OF_HA = documentedRights("High availability");
const OF_POOL = documentedRights("A pool that is made")["/pool/vmstation"] ?? [];
const IN_POOL = new Map(Object.entries(OF_MACHINES)).get("/pool/vmstation") ?? [];
const RIGHTS = { ...OF_MACHINES, ...OF_HA, "/pool/vmstation": [...IN_POOL, ...OF_POOL] };

const availableSchema = z.object({
  resources: z.record(z.string(), z.record(z.string(), z.unknown())),
  rules: z.record(z.string(), z.record(z.string(), z.unknown())),
});

const OURS = { type: "vm", state: "started", comment: "Made by VMStation", failback: 1 };
const RULE = {
  ...{ type: "node-affinity", comment: "Made by VMStation", strict: 0 },
  resources: "vm:151",
};

/** The second machine of the lab, with more keys of its `vm`. */
const ni = (more = ""): string =>
  `machines.ni.vm={host: pve-b, id: 152, cores: 4, disk: 64Gi, mac: "BC:24:11:00:00:52"${more}}`;
const ichi = (more = ""): string =>
  `machines.ichi.vm={host: pve-a, id: 151, cores: 4, sockets: 2, disk: 64Gi${more}}`;

describe("high availability and a pool of Proxmox, by Pulumi's engine and the API's own schema", () => {
  const { pve, lab, asked, upByVerb, cutAt } = useVirtualLab({
    rights: RIGHTS,
    settings: [
      "hypervisor.pool={name: vmstation, manage: true}",
      ichi(", ha: {hosts: [pve-a, pve-b]}"),
      ni(", ha: {}"),
    ],
  });
  const available = async () => availableSchema.parse(await pve().call("available"));
  const nodes = (text: unknown): string[] => String(text).split(",").sort();
  const requests = async () => (await asked()).map(([method, where]) => `${method} ${where}`);
  const still = async (): Promise<void> => {
    const again = await lab().up({ ...HYPERVISOR, expectNoChanges: true });
    assert.ok(again.ok, again.output);
  };

  it("make no pool without its right, and no machine then", async () => {
    await pve().call("forget_pool", "vmstation");
    await pve().call("allow", { ...RIGHTS, "/pool/vmstation": IN_POOL });
    const update = await lab().up(HYPERVISOR);
    await pve().call("allow", RIGHTS);
    assert.ok(!update.ok);
    assert.match(update.output, /Permission check failed.*Pool\.Allocate/);
    assert.deepEqual(await pve().call("machines"), []);
  });

  it("take up the pool that an update has made which was killed, and no other", async () => {
    await asked();
    await cutAt([["GET", "/pools"]]);
    await lab().repair();
    assert.deepEqual(await pve().call("pool_names"), ["vmstation"]);
    assert.ok(!lab().stateText.includes('"id": "vmstation"'));
    await pve().call("pool_comment", "vmstation", "mine");
    const refused = await upByVerb();
    assert.notEqual(refused.code, 0);
    assert.match(
      refused.output,
      /hypervisor\.pool: there is one already by the name vmstation\. Write pool/,
    );
    await pve().call("pool_comment", "vmstation", "Made by VMStation");
    // The machines are made by a later test.
    const only = ["**::hypervisor", "**::hypervisor-proxmox", "**::hypervisor-pool"];
    const update = await lab().verb([
      ...(["up", "--yes", "--skip-preview"] as const),
      ...only.flatMap((each) => ["--target", each]),
    ]);
    assert.equal(update.code, 0, update.output);
    assert.match(update.output, /the pool vmstation was made by an update that was cut/);
    const made = (await asked()).map(([method, where]) => `${method} ${where.replace(/\/$/, "")}`);
    assert.equal(made.filter((text) => /^POST .*\/pools$/.test(text)).length, 1, made.join("\n"));
    assert.ok(made.every((text) => !text.startsWith("DELETE") && !text.startsWith("PUT")));
    const again = await lab().up({ target: only, expectNoChanges: true });
    assert.ok(again.ok, again.output);
  });

  for (const [without, words] of [
    ["Sys.Console", /Permission check failed.*Sys\.Console/],
    ["Sys.Audit", /does not say what its high availability has .*: 403/],
  ] as const)
    it(`leave machines out of high availability without ${without}, and make them`, async () => {
      const left = (OF_HA["/"] ?? []).filter((name) => name !== without);
      await pve().call("allow", { ...RIGHTS, "/": left });
      const update = await lab().up(HYPERVISOR);
      await pve().call("allow", RIGHTS);
      assert.ok(!update.ok);
      assert.match(update.output, words);
      assert.deepEqual(await available(), { resources: {}, rules: {} });
      for (const id of [151, 152]) assert.equal(await pve().call("status", id), "running");
    });

  it("are made as the configuration has them", async () => {
    const update = await lab().up(HYPERVISOR);
    assert.ok(update.ok, update.output);
    assert.deepEqual(await pve().call("pool_names"), ["vmstation"]);
    const { resources, rules } = await available();
    assert.deepEqual(resources, {
      "vm:151": { ...OURS, max_restart: 1, max_relocate: 1 },
      "vm:152": { ...OURS, max_restart: 1, max_relocate: 1 },
    });
    const { nodes: found, ...rule } = rules["vmstation-151"] ?? {};
    assert.deepEqual([rule, nodes(found)], [RULE, ["pve-a:2", "pve-b:1"]]);
    assert.deepEqual(Object.keys(rules), ["vmstation-151"]);
  });

  it("are the same at the second look, and after a refresh", async () => {
    await asked();
    await still();
    assert.ok((await lab().refresh(HYPERVISOR)).ok);
    await still();
    assert.deepEqual(await asked(), []);
  });

  it("take other values without a machine being touched, and a rule that is disabled stays so", async () => {
    await pve().call("ha_rule_disabled", "vmstation-151");
    assert.ok((await lab().refresh(HYPERVISOR)).ok);
    lab().set(ichi(", ha: {hosts: [pve-a, pve-b], strict: true, failback: false}"));
    lab().set(ni(", ha: {maxRestart: 4}"));
    const update = await lab().up(HYPERVISOR);
    assert.ok(update.ok, update.output);
    const { resources, rules } = await available();
    assert.equal(resources["vm:151"]?.failback, 0);
    assert.equal(Number(resources["vm:152"]?.max_restart), 4);
    assert.equal(rules["vmstation-151"]?.strict, 1);
    assert.equal(rules["vmstation-151"].disable, 1);
    assert.ok((await requests()).every((text) => !text.includes("/qemu/")));
    await still();
  });

  it("get back by refresh and up what was changed in Proxmox by hand", async () => {
    await pve().call("ha_by_hand", "vm:152", { state: "stopped", max_restart: 9 });
    await pve().call("ha_by_hand", "vm:151", null);
    const refreshed = await lab().refresh(HYPERVISOR);
    assert.ok(refreshed.ok, refreshed.output);
    const update = await lab().up(HYPERVISOR);
    assert.ok(update.ok, update.output);
    const { resources } = await available();
    assert.deepEqual(Object.keys(resources).sort(), ["vm:151", "vm:152"]);
    assert.equal(resources["vm:152"]?.state, "started");
    assert.equal(Number(resources["vm:152"].max_restart), 4);
    await still();
  });

  it("are left on the host where high availability has started them, and changed there", async () => {
    await pve().call("fail_over", 152, "pve-a");
    await asked();
    lab().set("machines.ni.memory=9Gi");
    const update = await upByVerb();
    assert.equal(update.code, 0, update.output);
    assert.match(update.output, /ni: Proxmox's high availability has it on pve-a by now/);
    const done = await requests();
    assert.ok(
      done.some((text) => text.endsWith("/nodes/pve-a/qemu/152/config")),
      done.join("\n"),
    );
    assert.ok(
      done.every((text) => !/migrate|\/status\//.test(text)),
      done.join("\n"),
    );
    await still();
  });

  it("let a machine run on where it is when their key leaves it, and say where that is", async () => {
    lab().set(ni(), ichi(", ha: {}"));
    await asked();
    const update = await upByVerb();
    assert.equal(update.code, 0, update.output);
    assert.match(
      update.output,
      /ni runs on pve-a, and the configuration has it on pve-b\. up leaves/,
    );
    const { resources, rules } = await available();
    assert.deepEqual([Object.keys(resources), rules], [["vm:151"], {}]);
    for (const id of [151, 152]) assert.equal(await pve().call("status", id), "running");
    assert.equal(await pve().call("host_of", 152), "pve-a");
    assert.ok((await requests()).every((text) => !/migrate|\/status\//.test(text)));
  });

  it("leave alone what is somebody else's, and make again what an update has left that was cut", async () => {
    await pve().call("ha_by_hand", "vm:152", { comment: "mine" });
    lab().set(ni(", ha: {}"));
    const update = await lab().up(HYPERVISOR);
    assert.ok(!update.ok);
    assert.match(update.output, /vm:152 is in Proxmox's high availability already/);
    const verb = await upByVerb();
    assert.match(
      verb.output,
      /machines\.ni\.vm\.ha: Proxmox has vm:152 .* ha-manager remove vm:152/,
    );
    assert.equal((await available()).resources["vm:152"]?.comment, "mine");
    await pve().call("ha_by_hand", "vm:152", { comment: "Made by VMStation", max_restart: 7 });
    const again = await lab().up(HYPERVISOR);
    assert.ok(again.ok, again.output);
    assert.equal(Number((await available()).resources["vm:152"]?.max_restart), 1);
  });

  it("go with a destroy, which leaves the machines and their pool", async () => {
    await asked();
    await pve().call("ha_by_hand", "vm:151", null);
    const failed = await lab().verb(["destroy", "--yes"]);
    assert.match(failed.output, /somebody has taken the machine out .*[^]*npx vmstation refresh/);
    assert.ok((await lab().refresh(HYPERVISOR)).ok);
    const verb = await lab().verb(["destroy", "--yes"]);
    assert.equal(verb.code, 0, verb.output);
    assert.deepEqual(await available(), { resources: {}, rules: {} });
    assert.deepEqual(await pve().call("pool_names"), ["vmstation"]);
    for (const id of [151, 152]) assert.equal(await pve().call("status", id), "running");
    assert.ok((await requests()).every((text) => /^DELETE .*\/ha\/resources\//.test(text)));
  });
});
