import assert from "node:assert/strict";
import { ProxmoxApi } from "../../scripts/kit/proxmox/api";
import { documentedRights, withOneLess } from "../support/proxmox-rights";
import { FakePve, TOKEN } from "./fake-pve";
import { TO_REST, TO_WAKE, usePowerByApi, type Verb } from "./power-by-api";
import { useFakePve } from "./use-fake-pve";

describe("waking and resting by the API's own schema", () => {
  const pve = useFakePve();
  const power = usePowerByApi(pve);
  const call = (verb: Verb, changes?: object): Promise<string> => power().call(verb, changes);
  const asked = (): Promise<string[]> => power().asked();

  it("starts a machine with two rights in its pool", async () => {
    await pve().call("allow", TO_WAKE);
    assert.equal(await call("check"), "");
    assert.equal(await call("wake"), "");
    assert.deepEqual(await asked(), ["POST /api2/json/nodes/pve-b/qemu/152/status/start"]);
    assert.equal(await pve().call("status", 152), "running");
    assert.equal(await call("wake"), "");
    assert.deepEqual(await asked(), []);
  });

  for (const { left, without, at } of withOneLess(TO_WAKE))
    it(`lets none sleep without ${without} on ${at}`, async () => {
      await pve().call("allow", left);
      assert.match(await call("check"), new RegExp(without.replace(".", "\\.")));
      assert.match(await call("wake"), new RegExp(without.replace(".", "\\.")));
      assert.equal(await pve().call("status", 152), "stopped");
    });

  it("says why a start has failed, and starts it again", async () => {
    await call("wake");
    await pve().call("change", 152, { status: "stopped", start_error: "no space left" });
    await call("wake");
    assert.match(await call("wake"), /the last start has failed: no space left/);
    await pve().call("change", 152, { start_error: null });
    await call("wake");
    assert.equal(await pve().call("status", 152), "running");
  });

  for (const [what, fault, words] of [
    ["is locked", ["change", 152, { lock: "backup" }], /locked in Proxmox \(backup\)/],
    ["is restarted by HA", ["change", 152, { ha_state: "started" }], /take vm:152 out/],
    ["is another's number", ["change", 152, { name: "nas" }], /152 in Proxmox is nas/],
  ] as const)
    it(`lets no machine sleep that ${what}`, async () => {
      const [name, ...args] = fault;
      await pve().call(name, ...args);
      assert.match(await call("check"), words);
      await pve().call("change", 152, { name: "ni" });
    });

  it("trusts the cluster's own authority alone, or the host's own certificate", async () => {
    const others = await FakePve.start();
    assert.ok(!("missing" in others));
    const { authority, certificate } = others;
    others.stop();
    const own = pve().certificate;
    assert.equal(await call("check", { certificateAuthority: own }), "");
    assert.equal(await call("check", { certificateAuthority: `${certificate}\n${own}` }), "");
    for (const wrong of [authority, certificate])
      assert.match(
        await call("check", { certificateAuthority: wrong }),
        /CERTIFICATE_VERIFY_FAILED.* npx vmstation trust --hypervisor, then npx vmstation up/,
      );
    const system = { ...power().proxmox, certificateAuthority: undefined };
    const policy = { name: "ni", method: "poweroff", proxmox: system };
    assert.match(await power().controller.call("check", policy), /CERTIFICATE_VERIFY_FAILED/);
  });

  it("asks the next host where one is silent", async () => {
    const endpoints = ["https://127.0.0.9:1", pve().endpoint];
    assert.equal(await call("check", { endpoints }), "");
  });

  it("switches a host off when its machine sleeps, and wakes it for the machine", async () => {
    assert.match(await call("rest"), /pve-b: switched off/);
    assert.deepEqual(await asked(), ["POST /api2/json/nodes/pve-b/status command=shutdown"]);
    await pve().call("set_node_offline", "pve-b");
    assert.equal(await call("rest"), "");
    assert.equal(await call("wake"), "");
    assert.deepEqual(await asked(), []);
    await pve().call("set_node_offline", "pve-b", false);
    await call("wake");
    assert.equal(await pve().call("status", 152), "running");
  });

  it("leaves a host on that others need", async () => {
    await pve().call("set_node_offline", "pve-c");
    assert.match(await call("rest"), /quorum of 3 hosts needs 2, and 1 would be left/);
    await pve().call("set_node_offline", "pve-c", false);
    await pve().call("lose_quorum");
    assert.match(await call("rest"), /no quorum/);
    await pve().call("regain_quorum");
    await pve().call("make", 900, "dns", "pve-b");
    await pve().call("change", 900, { status: "running" });
    assert.match(await call("rest"), /900 dns runs on it/);
    await pve().call("change", 900, { status: "stopped" });
    assert.deepEqual(await asked(), []);
  });

  for (const { left, without, at } of withOneLess(TO_REST))
    it(`leaves a host on without ${without} on ${at}`, async () => {
      await pve().call("allow", { ...TO_WAKE, ...left });
      assert.match(await call("rest"), new RegExp(`stays on:.*${without.replace(".", "\\.")}`));
    });

  it("restarts a machine so that what waits for it counts, by the rights to make machines", async () => {
    await pve().call("allow", documentedRights("The token and its rights"));
    await pve().call("change", 152, { status: "running", pending: { memory: 12_288 } });
    const api = pve().api();
    const { endpoint, authority } = pve();
    await assert.rejects(api.findHost("san", 152), /number 152 in Proxmox is ni, and not san/);
    await assert.rejects(api.findHost("san", 99), /no machine 99 \(san\)/);
    const host = await api.findHost("ni", 152);
    const task = await api.post(`/nodes/${host}/qemu/152/status/reboot`, { timeout: "300" });
    await api.finish(task, () => Promise.resolve());
    assert.deepEqual(await pve().call("waiting", 152), {});
    await pve().call("change", 152, { lock: "backup" });
    const locked = api
      .post(`/nodes/${host}/qemu/152/status/reboot`)
      .then((each) => api.finish(each, () => Promise.resolve()));
    await assert.rejects(locked, /VM is locked \(backup\)/);
    const blind = new ProxmoxApi({ endpoint, token: TOKEN });
    await assert.rejects(blind.get("/version"), /does not answer at .*certificate/);
    const wrong = new ProxmoxApi({ endpoint, certificates: authority, token: "x@pve!y=z" });
    await assert.rejects(wrong.get("/version"), /Proxmox: 401/);
  });

  it("leaves a monitor of Ceph on", async () => {
    await pve().call("make", 153, "san", "pve-a");
    const on = {
      ...power().proxmox,
      id: 153,
      host: "pve-a",
      hosts: { "pve-a": "02:00:00:00:00:0a" },
    };
    const policy = {
      ...{ name: "san", address: "127.0.0.1", minimumAsleep: 600, quietHours: [], timeZone: "UTC" },
      proxmox: on,
    };
    assert.match(
      await power().controller.call("rest", policy),
      /pve-a: stays on: it carries a monitor of Ceph/,
    );
  });
});
