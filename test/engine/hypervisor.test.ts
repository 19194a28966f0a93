import assert from "node:assert/strict";
import { z } from "zod";
import { HYPERVISOR, useVirtualLab } from "./virtual-lab";

describe("virtual machines, by Pulumi's engine and the API's own schema", () => {
  const { pve, lab, asked, upByVerb } = useVirtualLab();

  it("are made with the rights of the documents, and stop before the first connection", async () => {
    const update = await lab().up();
    assert.ok(!update.ok);
    assert.match(update.output, /key of ichi is not pinned.*vmstation trust ichi --stack virtual/);
    for (const name of ["ichi", "ni"])
      assert.ok(update.names("create").includes(`hypervisor-vm-${name}`), update.output);
    for (const id of [151, 152]) assert.equal(await pve().call("status", id), "running");
    const made = (await asked()).find(([, where]) => where.endsWith("/pve-a/qemu"))?.[2] ?? "";
    for (const part of [
      ...["vmid=151", "name=ichi", "cores=4", "sockets=2", "memory=8192", "balloon=0"],
      ...["ciuser=ops", "ciupgrade=0", "protection=1", "onboot=1", "pool=vmstation"],
      "ipconfig0=gw%3D10.214.0.1%2Cip%3D10.214.0.51%2F24",
      "import-from%3Dlocal%3Aimport%2Fdebian-12-genericcloud-amd64-20260101-2000-01234567.qcow2",
    ])
      assert.ok(made.includes(part), `${part} in ${made}`);
    const config = z.record(z.string(), z.unknown()).parse(await pve().call("config", 152));
    assert.match(String(config.net0), /BC:24:11:00:00:52/);
  });

  it("are the same at the second look", async () => {
    const again = await lab().up({ ...HYPERVISOR, expectNoChanges: true });
    assert.ok(again.ok, again.output);
    const refreshed = await lab().refresh(HYPERVISOR);
    assert.ok(refreshed.ok, refreshed.output);
    const still = await lab().up({ ...HYPERVISOR, expectNoChanges: true });
    assert.ok(still.ok, still.output);
    assert.deepEqual(await asked(), []);
  });

  it("get more memory and a larger disk without being restarted", async () => {
    for (const [setting, expected] of [
      ["machines.ni.memory=12Gi", /memory=12288/],
      ["machines.ni.vm.disk=96Gi", /disk=scsi0&size=103079215104/],
    ] as const) {
      lab().set(setting);
      const update = await lab().up(HYPERVISOR);
      assert.ok(update.ok, update.output);
      const requests = await asked();
      assert.ok(
        requests.some(([, , body]) => expected.test(body)),
        JSON.stringify(requests),
      );
      assert.ok(requests.every(([, where]) => !where.includes("/status/")));
    }
  });

  it("keep a disk that somebody has attached, and get no smaller one", async () => {
    await pve().call("by_hand", 152, { scsi1: "ceph-pool:vm-152-disk-9,size=8G" });
    assert.ok((await lab().refresh(HYPERVISOR)).ok);
    const same = await lab().up({ ...HYPERVISOR, expectNoChanges: true });
    assert.ok(same.ok, same.output);
    for (const [size, words] of [
      [
        "128Gi",
        /machines\.ni\.vm\.disk: .* would take away scsi1, .* qm disk resize 152 scsi0 128G/,
      ],
      ["64Gi", /machines\.ni\.vm\.disk is 64Gi, and the disk of ni has 96Gi: .* Write 96Gi/],
    ] as const) {
      lab().set(`machines.ni.vm.disk=${size}`);
      const refused = await upByVerb();
      assert.notEqual(refused.code, 0);
      assert.match(refused.output, words);
    }
    lab().set("machines.ni.vm.disk=96Gi");
    assert.deepEqual(await asked(), []);
    lab().set("machines.ni.memory=13Gi");
    const update = await upByVerb();
    assert.equal(update.code, 0, update.output);
    assert.match(update.output, /^ni: .*memory.* counts from its next start on: npx vmstation/m);
    const config = z.record(z.string(), z.unknown()).parse(await pve().call("config", 152));
    assert.equal(config.scsi1, "ceph-pool:vm-152-disk-9,size=8G");
    await pve().call("by_hand", 152, { scsi1: null });
    await asked();
  });

  it("are changed by an API that is slow, which is asked for each change once", async () => {
    await pve().call("delay", 2);
    try {
      lab().set("machines.ni.memory=14Gi");
      const update = await lab().up(HYPERVISOR);
      assert.ok(update.ok, update.output);
      const changes = (await asked()).filter(([, , body]) => body.includes("memory=14336"));
      assert.equal(changes.length, 1, JSON.stringify(changes));
    } finally {
      await pve().call("delay", 0);
    }
  });

  it("are never replaced: not by Pulumi itself, and with words of ours by the verb", async () => {
    lab().set("machines.ni.vm.id=252");
    const update = await lab().up(HYPERVISOR);
    assert.ok(!update.ok);
    assert.match(update.output, /protect/);
    const verb = await lab().verb(["preview"]);
    assert.notEqual(verb.code, 0);
    assert.match(verb.output, /machines\.ni\.vm\.id is 252.*Write 152 again/);
    lab().set("machines.ni.vm.id=152");
    assert.deepEqual(await asked(), []);
  });

  it("stay where everything else is destroyed", async () => {
    const verb = await lab().verb(["destroy", "--yes"]);
    assert.equal(verb.code, 0, verb.output);
    assert.match(verb.output, /protected resources/);
    assert.deepEqual(await asked(), []);
    for (const id of [151, 152]) assert.equal(await pve().call("status", id), "running");
  });

  for (const [what, fault, words] of [
    [
      "is locked",
      ["fail", "PUT", "/qemu/151/config", 500, "VM is locked (backup)"],
      /VM is locked/,
    ],
    ["has a cluster without quorum", ["lose_quorum"], /quorum/],
    [
      "refuses a right",
      [
        "fail",
        "PUT",
        "/qemu/151/config",
        403,
        "Permission check failed (/vms/151, VM.Config.Memory)",
      ],
      /VM\.Config\.Memory/,
    ],
  ] as const)
    it(`say so where one ${what}, and the next update takes it up`, async () => {
      await asked();
      const [name, ...args] = fault;
      await pve().call(name, ...args);
      lab().set("machines.ichi.memory=10Gi");
      const failed = await lab().up(HYPERVISOR);
      assert.ok(!failed.ok);
      assert.match(failed.output, words);
      await pve().call("heal");
      const healed = await upByVerb();
      assert.equal(healed.code, 0, healed.output);
      const config = z.record(z.string(), z.unknown()).parse(await pve().call("config", 151));
      assert.equal(Number(config.memory), 10240);
      lab().set("machines.ichi.memory=8Gi");
      assert.ok((await lab().up(HYPERVISOR)).ok);
    });
});
