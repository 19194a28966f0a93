import assert from "node:assert/strict";
import { documentedRights, type Rights } from "../support/proxmox-rights";
import { HYPERVISOR, RIGHTS as OF_MACHINES, useVirtualLab } from "./virtual-lab";

const POOL = "/pool/vmstation";
const OF_MOVES = documentedRights("Moving a machine");
const IN_POOL = new Map(Object.entries(OF_MACHINES)).get(POOL) ?? [];
const rights = (left: Rights): Rights => {
  return { ...OF_MACHINES, ...left, [POOL]: [...IN_POOL, ...(left[POOL] ?? [])] };
};

const ni = (host: string): string =>
  `machines.ni.vm={host: ${host}, id: 152, cores: 4, disk: 64Gi, mac: "BC:24:11:00:00:52"}`;

describe("the move of a virtual machine, by Pulumi's engine and the API's own schema", () => {
  const { pve, lab, asked, upByVerb } = useVirtualLab();
  const requests = async () => (await asked()).map(([method, where]) => `${method} ${where}`);
  const host = () => pve().call("host_of", 152);

  it("asks for its rights where there is one, and for none before", async () => {
    const made = await upByVerb();
    assert.equal(made.code, 0, made.output);
    assert.equal(await host(), "pve-b");
    await asked();
    lab().set(ni("pve-a"));
    const refused = await upByVerb();
    assert.notEqual(refused.code, 0);
    const [word] = /machines\.ni\.vm\.host: .*/.exec(refused.output) ?? [refused.output];
    assert.match(word, /lacks VM\.Migrate on \/pool\/vmstation, and Sys\.Audit on \/\. Grant them/);
    assert.deepEqual(await asked(), []);
  });

  for (const [without, at] of [
    ["VM.Migrate", POOL],
    ["Sys.Audit", "/"],
  ] as const)
    it(`is refused without ${without}: in words of ours, or by Proxmox`, async () => {
      await pve().call("allow", rights({ ...OF_MOVES, [at]: [] }));
      await asked();
      const refused = await upByVerb();
      assert.notEqual(refused.code, 0);
      assert.ok(refused.output.includes(`the token lacks ${without} on ${at}.`), refused.output);
      assert.deepEqual(await asked(), []);
      // The provider notes a move as done also where Proxmox has refused it.
      assert.ok((await lab().refresh(HYPERVISOR)).ok);
      const update = await lab().up(HYPERVISOR);
      assert.ok(!update.ok);
      assert.match(update.output, new RegExp(`Permission check failed \\(.*${without}`));
      assert.equal(await host(), "pve-b");
    });

  it("is done with both, while the machine runs, although Pulumi has noted it as done", async () => {
    await pve().call("allow", rights(OF_MOVES));
    await asked();
    const update = await upByVerb();
    assert.equal(update.code, 0, update.output);
    assert.equal(await host(), "pve-a");
    const [move = ["", "", ""]] = (await asked()).filter(([, where]) => where.includes("/152/"));
    assert.match(move.slice(0, 2).join(" "), /^POST .*\/nodes\/pve-b\/qemu\/152\/migrate$/);
    assert.match(move[2], /online=1/);
    assert.equal(await pve().call("status", 152), "running");
    const again = await lab().up({ ...HYPERVISOR, expectNoChanges: true });
    assert.ok(again.ok, again.output);
  });

  it("is done back where somebody has moved it, with what else has changed", async () => {
    await pve().call("move_by_hand", 152, "pve-b");
    lab().set("machines.ni.memory=9Gi");
    await asked();
    const update = await upByVerb();
    assert.equal(update.code, 0, update.output);
    assert.match(update.output, /ni: somebody has moved it, and it is on pve-b by now/);
    assert.equal(await host(), "pve-a");
    const done = await requests();
    assert.ok(
      done.some((text) => text.endsWith("/nodes/pve-a/qemu/152/config")),
      done.join("\n"),
    );
    assert.ok(done.every((text) => !text.includes("/status/")));
  });
});
