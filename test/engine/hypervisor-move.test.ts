import assert from "node:assert/strict";
import { HYPERVISOR_TYPE, VM_TYPE } from "../../scripts/kit/proxmox/vm-name";
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
  /** The lab's environment makes it run the program, too. */
  const refresh = async (): Promise<void> => {
    const { code, output } = await lab().verb(["refresh", "--yes", "--target", "**hypervisor**"]);
    assert.equal(code, 0, output);
  };
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

  const STAYS =
    /warning: machines\.ni\.vm\.host: ni runs on pve-b, and the configuration has it on pve-a\. up leaves it/;

  it("is none where somebody has moved it: what else has changed is changed there, and the way back is said", async () => {
    // Nobody needs a right to move for it.
    await pve().call("allow", OF_MACHINES);
    await pve().call("move_by_hand", 152, "pve-b");
    lab().set("machines.ni.memory=9Gi");
    await asked();
    const update = await upByVerb();
    assert.equal(update.code, 0, update.output);
    assert.match(update.output, /ni: somebody has moved it, and it is on pve-b by now/);
    assert.match(update.output, STAYS);
    assert.match(update.output, /on pve-b: qm migrate 152 pve-a --online/);
    assert.match(
      update.output,
      /^ni: .*memory.* counts from its next start on: npx vmstation restart ni/m,
    );
    const done = await requests();
    assert.ok(
      done.some((text) => text.endsWith("/nodes/pve-b/qemu/152/config")),
      done.join("\n"),
    );
    assert.ok(
      done.every((text) => !/migrate|\/status\//.test(text)),
      done.join("\n"),
    );
  });

  it("is none after a refresh either, in no preview, and for no earlier version's state", async () => {
    for (const prepare of ["nothing", "refresh", "earlier"] as const) {
      if (prepare !== "nothing") await refresh();
      if (prepare === "earlier") {
        // What an earlier version has noted of a machine that was moved after its last update.
        await lab().changeState((entry) => {
          if (entry.type === HYPERVISOR_TYPE) return { ...entry, outputs: {} };
          if (entry.type !== VM_TYPE || entry.inputs?.name !== "ni") return entry;
          const { inputs, outputs } = entry;
          const before = { nodeName: "pve-a" };
          return { ...entry, inputs: { ...inputs, ...before }, outputs: { ...outputs, ...before } };
        });
      }
      const preview = await lab().verb(["preview", "--target", "**hypervisor**"]);
      assert.equal(preview.code, 0, `${prepare}: ${preview.output}`);
      assert.doesNotMatch(preview.output, /nodeName|to update/, `${prepare}: ${preview.output}`);
      const update = await upByVerb();
      assert.equal(update.code, 0, update.output);
      assert.match(update.output, STAYS);
      assert.equal(await host(), "pve-b");
      assert.deepEqual(await asked(), []);
    }
  });

  it("is none where the configuration takes the host that it is on", async () => {
    lab().set(ni("pve-b"));
    const update = await upByVerb();
    assert.equal(update.code, 0, update.output);
    assert.doesNotMatch(update.output, /ni runs on/);
    assert.ok((await requests()).every((text) => !text.includes("/qemu/")));
  });

  it("is done again for another wish, also after a refresh", async () => {
    await pve().call("allow", rights(OF_MOVES));
    lab().set(ni("pve-a"));
    await refresh();
    const update = await upByVerb();
    assert.equal(update.code, 0, update.output);
    assert.equal(await host(), "pve-a");
  });
});
