import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { documentedRights } from "../support/proxmox-rights";
import { HYPERVISOR, RIGHTS as OF_MACHINES, useVirtualLab, VIRTUAL_STACK } from "./virtual-lab";

const RIGHTS = { ...OF_MACHINES, ...documentedRights("A network between the hosts") };

const machineSchema = z.looseObject({});

const read = parse(readFileSync(VIRTUAL_STACK, "utf8")) as unknown;
const { ichi, ni } = z
  .object({ config: z.object({ "vmstation:machines": z.record(z.string(), machineSchema) }) })
  .transform(({ config }) => config["vmstation:machines"])
  .parse(read);
const MACHINES = {
  ichi,
  ni,
  san: { ...ni, address: "10.214.0.53", vm: { host: "pve-b", id: 153, cores: 2, disk: "32Gi" } },
};

const NETWORK = "hypervisor.network={zone: homezone, vnet: homenet, tag: 4242, cidr: 10.0.0.0/24}";

/** The third machine is made with two NICs; the others are there. */
const renderMachines = (hasSecond: boolean): string => {
  const described = Object.entries(MACHINES).map(([name, machine], i) => {
    const second = { clusterAddress: `10.0.0.1${i}`, clusterNic: "eth1" };
    return [name, { ...machine, ...(hasSecond ? second : {}) }] as const;
  });
  return `machines=${JSON.stringify(Object.fromEntries(described))}`;
};

describe("a second NIC of virtual machines, by Pulumi's engine and the API's own schema", () => {
  const { pve, lab, asked, assertSettled } = useVirtualLab({ rights: RIGHTS });
  const config = async (id: number) =>
    z.record(z.string(), z.unknown()).parse(await pve().call("config", id));
  /** The first NICs' addresses and bridges, however Proxmox is told them. */
  const firstNics = async (): Promise<(string | undefined)[]> => {
    const found = [await config(151), await config(152)].map(({ net0 }) => String(net0));
    const parts = [/[0-9A-F]{2}(:[0-9A-F]{2}){5}/, /bridge=\w+/, /virtio/];
    return found.flatMap((net0) => parts.map((part) => part.exec(net0)?.[0]));
  };
  let first: Awaited<ReturnType<typeof firstNics>>;

  it("comes to machines that run without being restarted, and to a new one with its address", async () => {
    const made = await lab().up(HYPERVISOR);
    assert.ok(made.ok, made.output);
    first = await firstNics();
    await asked();
    lab().set(NETWORK, "network.mtu=1430", renderMachines(true));
    const update = await lab().up(HYPERVISOR);
    assert.ok(update.ok, update.output);
    const requests = await asked();
    const power = requests.map(([, where]) => where).filter((where) => where.includes("/status/"));
    assert.deepEqual(
      power.filter((where) => !where.includes("/153/")),
      [],
    );
    for (const id of [151, 152, 153]) {
      const { net1 } = await config(id);
      assert.match(String(net1), /bridge=homenet.*mtu=1450/, JSON.stringify(requests));
      assert.equal(await pve().call("status", id), "running");
    }
    const { ipconfig0, ipconfig1 } = await config(153);
    assert.equal(ipconfig0, "gw=10.214.0.1,ip=10.214.0.53/24");
    assert.equal(ipconfig1, "ip=10.0.0.12/24");
  });

  it("leaves the first one as it is, which Proxmox would else pull out", async () => {
    assert.deepEqual(await firstNics(), first);
  });

  it("is the same at the second look, and after a refresh", async () => {
    await assertSettled();
  });

  it("goes again where the machines are to have none, and the first one stays", async () => {
    lab().set(renderMachines(false));
    const update = await lab().up(HYPERVISOR);
    assert.ok(update.ok, update.output);
    assert.ok((await asked()).every(([, where]) => !where.includes("/status/")));
    for (const id of [151, 152, 153]) assert.equal((await config(id)).net1, undefined);
    assert.deepEqual(await firstNics(), first);
  });
});
