import assert from "node:assert/strict";
import path from "node:path";
import { isVirtual } from "../../components/hypervisor/virtual";
import { reportAll } from "../../scripts/kit/proxmox/look-drift";
import { readSite } from "../../scripts/kit/ssh/operator";
import { loadProject } from "../../scripts/kit/stack-file/project";
import { HYPERVISOR, RIGHTS, useVirtualLab } from "./virtual-lab";

/** With a right less at these places. */
function withoutRight(without: string, places: readonly string[]) {
  const left = Object.entries(RIGHTS).map(
    ([at, names]) =>
      [at, places.includes(at) ? names.filter((name) => name !== without) : names] as const,
  );
  return Object.fromEntries(left);
}

describe("virtual machines that Proxmox does not make, or not to their end", () => {
  const { pve, lab, asked, upByVerb, cutAt } = useVirtualLab();

  for (const [without, ...places] of [
    ["Sys.AccessNetwork", "/nodes/pve-a", "/nodes/pve-b"],
    ["VM.Config.Disk", "/pool/vmstation"],
    ["Datastore.AllocateSpace", "/storage/ceph-pool"],
  ] as const)
    it(`are refused by Proxmox itself without ${without} on ${places.join(" and ")}`, async () => {
      await pve().call("allow", withoutRight(without, places));
      const update = await lab().up(HYPERVISOR);
      await pve().call("allow", RIGHTS);
      assert.ok(!update.ok);
      assert.match(update.output, /HTTP 403 response - Reason: Permission check failed/);
      assert.deepEqual(await pve().call("machines"), []);
    });

  it("are not made with the number of somebody else's machine, which stays as it is", async () => {
    for (const [id, host] of [
      [151, "pve-a"],
      [152, "pve-b"],
    ] as const)
      await pve().call("make", id, "nas", host);
    await asked();
    const update = await lab().up(HYPERVISOR);
    assert.ok(!update.ok);
    assert.match(update.output, /ichi is not made, as number 151 is in use in Proxmox/);
    assert.deepEqual(await asked(), []);
    await pve().call("empty");
  });

  it("are left by an update that is killed: one not started, one without its disk's size", async () => {
    await cutAt([
      ["POST", "/qemu/151/status/start"],
      ["PUT", "/qemu/152/resize"],
    ]);
    for (const id of [151, 152]) assert.equal(await pve().call("status", id), "stopped");
    assert.ok(!lab().stateText.includes('"id": "151"'));
  });

  it("are left as they are while the killed update's lock is there", async () => {
    await asked();
    const locked = await upByVerb();
    assert.notEqual(locked.code, 0);
    assert.match(locked.output, /npx vmstation .*pulumi cancel --stack virtual/);
    assert.deepEqual(await asked(), []);
  });

  it("are completed by the next update: none is made twice, and none is deleted", async () => {
    await lab().repair();
    await asked();
    const update = await upByVerb();
    assert.equal(update.code, 0, update.output);
    assert.match(update.output, /ni: virtual machine 152 on pve-b was made by an update that was/);
    assert.doesNotMatch(update.output, /interrupted while/);
    const requests = (await asked()).map(([method, where]) => `${method} ${where}`);
    const wrong = requests.filter((text) => /^DELETE|\/qemu$|\/stop$|\/shutdown$/.test(text));
    assert.deepEqual(wrong, [], requests.join("\n"));
    for (const id of [151, 152]) {
      assert.equal(await pve().call("status", id), "running", requests.join("\n"));
    }
    // The disk gets its size before the first boot, at which the file system grows into it.
    const of = (end: string): number => requests.findIndex((text) => text.endsWith(end));
    const [size, start] = [of("/qemu/152/resize"), of("/qemu/152/status/start")];
    assert.ok(size >= 0 && size < start, requests.join("\n"));
    const still = await lab().up({ ...HYPERVISOR, expectNoChanges: true });
    assert.ok(still.ok, still.output);
  });

  it("get back by refresh and up what was changed by hand in Proxmox, as drift says", async () => {
    const site = readSite(loadProject(path.join(__dirname, "../..")), "virtual", lab().configFile);
    const api = pve().api();
    const find = async (): Promise<string[] | undefined> => {
      const about = { site, project: "vmstation", stack: "virtual" };
      const all = await reportAll(api, site.machines.filter(isVirtual), about);
      const differences = all
        .get("ni")
        ?.differences.map(({ name, reason }) => `${name}: ${reason}`);
      // The fake keeps no size of a disk that was imported.
      return differences?.filter((text) => !text.startsWith("scsi0"));
    };
    assert.deepEqual(await find(), []);
    await pve().call("by_hand", 152, {
      ...{ memory: "4096", cores: 2, protection: null },
      net0: "virtio=BC:24:11:00:00:52,bridge=vmbr0,tag=30",
      net1: "virtio=BC:24:11:00:00:99,bridge=vmbr0",
    });
    assert.deepEqual(await find(), [
      "cores: is 2, not 4",
      "memory: is 4096, not 8192",
      "protection: is 0, not 1",
      "net0: its VLAN tag is 30, not none",
      "net1: is a NIC that the configuration does not have",
    ]);
    await asked();
    const refreshed = await lab().refresh({ target: ["**hypervisor-vm-ni"] });
    assert.ok(refreshed.ok, refreshed.output);
    const update = await lab().up(HYPERVISOR);
    assert.ok(update.ok, update.output);
    assert.deepEqual(await find(), []);
    assert.ok((await asked()).every(([, where]) => !where.includes("/status/")));
  });
});
