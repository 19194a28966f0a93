import assert from "node:assert/strict";
import { bothRights, withOneLess } from "../support/proxmox-rights";
import { TO_HIBERNATE, TO_REST, TO_WAKE, usePowerByApi, type Verb } from "./power-by-api";
import { useFakePve } from "./use-fake-pve";

describe("going to sleep by the API's own schema", () => {
  const pve = useFakePve();
  const power = usePowerByApi(pve);
  const call = (verb: Verb, changes?: object): Promise<string> => power().call(verb, changes);
  const asked = (): Promise<string[]> => power().asked();

  describe("of a machine that is shut down", () => {
    const SHUTDOWN = "POST /api2/json/nodes/pve-b/qemu/152/status/shutdown timeout=30";

    beforeEach(async () => {
      await pve().call("allow", TO_WAKE);
      await pve().call("change", 152, { status: "running" });
    });

    it("shuts it down without force, until Proxmox says that it is off, and starts it again", async () => {
      await pve().call("pace", 0.1);
      await pve().call("change", 152, { shutdown_secs: 29 });
      assert.equal(await call("order"), "none");
      assert.equal(await call("sleep"), "");
      assert.deepEqual(await asked(), [SHUTDOWN]);
      assert.equal(await pve().call("status", 152), "stopped");
      assert.equal(await call("order"), "obeyed");
      await pve().call("pace", 0);
      assert.equal(await call("wake"), "");
      assert.equal(await pve().call("status", 152), "running");
    });

    it("knows that it is on its way, and when it is over", async () => {
      await pve().call("pace", 0.05);
      await pve().call("change", 152, { shutdown_secs: 60 });
      const api = pve().api();
      const task = await api.post("/nodes/pve-b/qemu/152/status/shutdown", { timeout: "600" });
      assert.equal(await call("order"), "stopping");
      await api.finish(task, () => Promise.resolve());
      assert.equal(await call("order"), "obeyed");
    });

    it("says that a guest does not react, and leaves it running", async () => {
      await pve().call("change", 152, { acpi: false });
      assert.match(
        await call("sleep"),
        /not shut it down: VM quit\/powerdown failed - got timeout/,
      );
      assert.equal(await pve().call("status", 152), "running");
      assert.equal(await call("order"), "none");
    });

    it("follows an order whose answer was lost, and gives it to no other host", async () => {
      await pve().call("lose", [["POST", "/status/shutdown"]]);
      const endpoints = [pve().endpoint, pve().endpoint];
      assert.equal(await call("sleep", { endpoints }), "");
      assert.deepEqual(await asked(), [SHUTDOWN]);
      assert.equal(await pve().call("status", 152), "stopped");
    });

    it("asks nothing of a machine that is restarted by HA since it was looked at", async () => {
      await pve().call("change", 152, { ha_state: "started" });
      assert.match(await call("sleep"), /take vm:152 out/);
      assert.deepEqual(await asked(), []);
    });

    for (const { left, without, at } of withOneLess(TO_WAKE))
      it(`leaves it running without ${without} on ${at}`, async () => {
        await pve().call("allow", left);
        assert.match(await call("sleep"), new RegExp(without.replace(".", "\\.")));
        assert.equal(await pve().call("status", 152), "running");
      });
  });

  describe("of a machine whose memory is saved", () => {
    before(() => {
      power().method = "hibernate";
    });
    after(() => {
      power().method = "poweroff";
    });
    beforeEach(async () => {
      await pve().call("allow", bothRights(TO_WAKE, TO_HIBERNATE));
      await pve().call("change", 152, { status: "running" });
    });

    it("saves it, and starts it from there, with a right more and one at the storage", async () => {
      assert.equal(await call("check"), "");
      assert.equal(await call("sleep"), "");
      assert.deepEqual(await asked(), [
        "POST /api2/json/nodes/pve-b/qemu/152/status/suspend todisk=1&statestorage=ceph-pool",
      ]);
      assert.equal(await pve().call("status", 152), "stopped");
      assert.equal(await pve().call("lock_of", 152), "suspended");
      assert.equal(await call("wake"), "");
      assert.equal(await pve().call("status", 152), "running");
      assert.equal(await pve().call("lock_of", 152), null);
    });

    it("knows where its memory is, and takes a lock that a failed save has left for no save", async () => {
      assert.equal(await call("order"), "none");
      await call("sleep");
      assert.equal(await call("order"), "obeyed");
      await pve().call("change", 152, { status: "running", lock: "suspending" });
      assert.equal(await call("order"), "none");
    });

    it("follows an order whose answer was lost, and gives it to no other host", async () => {
      await pve().call("lose", [["POST", "/status/suspend"]]);
      const endpoints = [pve().endpoint, pve().endpoint];
      assert.equal(await call("sleep", { endpoints }), "");
      assert.equal((await asked()).length, 1);
      assert.equal(await pve().call("lock_of", 152), "suspended");
    });

    for (const { left, without, at } of withOneLess(TO_HIBERNATE))
      it(`lets none sleep without ${without} on ${at}`, async () => {
        await pve().call("allow", bothRights(TO_WAKE, left));
        assert.match(await call("check"), new RegExp(without.replace(".", "\\.")));
      });

    for (const [what, fault, words] of [
      ["is locked", { lock: "backup" }, /locked in Proxmox \(backup\)/],
      ["is off", { status: "stopped" }, /not running/],
    ] as const)
      it(`says why it saves none that ${what}`, async () => {
        await pve().call("change", 152, fault);
        assert.match(await call("sleep"), words);
      });

    it("lets none sleep where its memory has no room", async () => {
      await pve().call("room", "ceph-pool", 0);
      assert.match(await call("check"), /ceph-pool has 0 MiB left/);
      await pve().call("room", "ceph-pool", null);
    });

    it("switches the host off while the machine's memory is saved", async () => {
      await call("sleep");
      await pve().call("allow", { ...TO_REST, ...bothRights(TO_WAKE, TO_HIBERNATE) });
      assert.match(await call("rest"), /pve-b: switched off/);
    });
  });
});
