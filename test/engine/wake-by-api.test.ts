import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { ProxmoxApi } from "../../scripts/kit/proxmox/api";
import { bothRights, documentedRights, withOneLess } from "../support/proxmox-rights";
import { FakePve, TOKEN } from "./fake-pve";
import { useFakePve } from "./use-fake-pve";

const TO_WAKE = documentedRights("Machines that sleep");
const TO_HIBERNATE = documentedRights("Machines that hibernate", "ceph-pool");
const TO_REST = documentedRights("Hosts that sleep");

type Verb = "check" | "sleep" | "order" | "wake" | "rest";

/** The power controller's code, as it runs beside a cluster. */
class Controller {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: AsyncIterator<string>;

  constructor() {
    const program = path.join(__dirname, "../unit/power/python/by_api.py");
    this.child = spawn("python3", ["-B", program], { stdio: ["pipe", "pipe", "inherit"] });
    this.lines = createInterface(this.child.stdout)[Symbol.asyncIterator]();
  }

  async call(verb: Verb, policy: unknown): Promise<string> {
    this.child.stdin.write(`${JSON.stringify({ verb, policy })}\n`);
    const line = await this.lines.next();
    if (line.done === true) throw new Error("the controller's code has ended");
    return String(JSON.parse(line.value));
  }

  stop(): void {
    this.child.kill();
  }
}

describe("waking and resting by the API's own schema", () => {
  const pve = useFakePve();
  let controller: Controller;
  let folder: string;
  let proxmox: Readonly<Record<string, unknown>>;
  let method = "poweroff";
  const ends: (() => void)[] = [];

  const call = (verb: Verb, changes: object = {}): Promise<string> =>
    controller.call(verb, {
      ...{ name: "ni", address: "127.0.0.1", minimumAsleep: 600, quietHours: [], timeZone: "UTC" },
      ...{ method, sleepTimeout: 30 },
      proxmox: { ...proxmox, ...changes },
    });

  before(async () => {
    controller = new Controller();
    folder = mkdtempSync(path.join(tmpdir(), "vmstation-power-"));
    ends.push(
      () => {
        rmSync(folder, { recursive: true });
      },
      () => {
        controller.stop();
      },
    );
    writeFileSync(path.join(folder, "token"), `${TOKEN}\n`);
    proxmox = {
      ...{ id: 152, host: "pve-b", hosts: { "pve-b": "02:00:00:00:00:0b" }, storage: "ceph-pool" },
      ...{ endpoints: [pve().endpoint], certificateAuthority: pve().authority },
      tokenFile: path.join(folder, "token"),
    };
    await pve().call("add_node", "pve-c");
    await pve().call("make", 152, "ni", "pve-b");
  });
  after(() => {
    for (const end of ends.reverse()) end();
  });
  beforeEach(async () => {
    await pve().call("heal");
    await pve().call("allow", { ...TO_WAKE, ...TO_REST });
    for (const name of ["pve-b", "pve-c"]) await pve().call("set_node_offline", name, false);
    const whole = { status: "stopped", lock: null, start_error: null, ha_state: null };
    Object.assign(whole, { acpi: true, shutdown_secs: 0 });
    await pve().call("change", 152, whole);
    await pve().call("asked");
  });

  const asked = async (): Promise<string[]> =>
    ((await pve().call("asked")) as [string, string, string][]).map(([method, where, body]) =>
      `${method} ${where} ${body}`.trim(),
    );

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
      assert.match(await call("sleep"), /not shut it down: VM quit\/powerdown failed - got timeout/);
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
    const system = { ...proxmox, certificateAuthority: undefined };
    const policy = { name: "ni", method, proxmox: system };
    assert.match(await controller.call("check", policy), /CERTIFICATE_VERIFY_FAILED/);
  });

  describe("of a machine whose memory is saved", () => {
    before(() => {
      method = "hibernate";
    });
    after(() => {
      method = "poweroff";
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
    const on = { ...proxmox, id: 153, host: "pve-a", hosts: { "pve-a": "02:00:00:00:00:0a" } };
    const policy = {
      ...{ name: "san", address: "127.0.0.1", minimumAsleep: 600, quietHours: [], timeZone: "UTC" },
      proxmox: on,
    };
    assert.match(
      await controller.call("rest", policy),
      /pve-a: stays on: it carries a monitor of Ceph/,
    );
  });
});
