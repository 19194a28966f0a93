import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { hypervisorSchema, vmSchema } from "../../components/hypervisor/config";
import { renderImage } from "../../components/hypervisor/proxmox/render-image";
import { renderVm } from "../../components/hypervisor/proxmox/render-vm";
import { isVirtual } from "../../components/hypervisor/virtual";
import { chooseSeed, countCases } from "../support/cases";
import type { Change } from "../support/homelab";
import { HYPERVISOR, SECOND_NIC, VIRTUAL } from "../support/hypervisor";
import { homelabSite } from "../support/site";
import { refusalOf, useFakePve } from "./use-fake-pve";
import { RIGHTS } from "./virtual-lab";
import { renderCreation, type VmRequest } from "./vm-request";

function siteOf(changes: readonly Change[]) {
  const { machines, config } = homelabSite(...changes);
  const hypervisor = config.hypervisor ?? assert.fail("the fixture has no hypervisor");
  return { virtual: machines.filter(isVirtual), hypervisor, lan: config.lan };
}

type FixtureSite = ReturnType<typeof siteOf>;

const SITES = {
  "with one NIC each": siteOf(VIRTUAL),
  "with a second NIC each": siteOf(SECOND_NIC),
};
const { virtual, hypervisor, lan } = SITES["with one NIC each"];

/** What the provider asks for where it is not available: our settings as requests, checked by the API's own schema. */
describe("the requests for virtual machines", () => {
  const pve = useFakePve(RIGHTS);
  beforeEach(async () => {
    await pve().call("empty");
  });

  const request = ({ path, values }: VmRequest): Promise<string | undefined> =>
    refusalOf(pve().api().post(path, values));
  const fetchImage = (host: string): Promise<string | undefined> => {
    const image = renderImage(hypervisor.image, host);
    return request({
      path: `/nodes/${host}/storage/${image.datastoreId}/download-url`,
      values: {
        ...{ content: image.contentType, url: image.url, filename: image.fileName },
        ...{ checksum: image.checksum, "checksum-algorithm": image.checksumAlgorithm },
      },
    });
  };
  const image = `local:import/${renderImage(hypervisor.image, "pve-a").fileName}`;
  const settingsOf = (
    machine: (typeof virtual)[number],
    site: FixtureSite = SITES["with one NIC each"],
  ) => renderVm(machine, { config: site.hypervisor, lan: site.lan, image });

  for (const [what, site] of Object.entries(SITES))
    it(`${what} are as the API's own schema wants them, and allowed by the documents' rights`, async () => {
      for (const machine of site.virtual) {
        assert.equal(await fetchImage(machine.vm.host), undefined);
        assert.equal(await request(renderCreation(settingsOf(machine, site))), undefined);
        const start = {
          path: `/nodes/${machine.vm.host}/qemu/${machine.vm.id}/status/start`,
          values: {},
        };
        assert.equal(await request(start), undefined);
      }
      assert.deepEqual(
        await pve().call("machines"),
        site.virtual.map(({ vm }) => vm.id).sort((a, b) => a - b),
      );
    });

  it("tell Proxmox both networks of a machine with a second NIC", async () => {
    const site = SITES["with a second NIC each"];
    for (const machine of site.virtual) {
      await fetchImage(machine.vm.host);
      assert.equal(await request(renderCreation(settingsOf(machine, site))), undefined);
      const kept = await pve().call("config", machine.vm.id);
      const { net1, ipconfig1 } = z.object({ net1: z.string(), ipconfig1: z.string() }).parse(kept);
      assert.match(net1, /bridge=homenet.*mtu=1450/);
      assert.equal(ipconfig1, `ip=${machine.clusterAddress ?? ""}/24`);
    }
  });

  it("have names, numbers and types that the API takes, wherever the configuration takes them", async () => {
    const [machine = assert.fail("the fixture has no machine")] = virtual;
    await fetchImage(machine.vm.host);
    const word = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/),
      fc.constantFrom("host", "x86-64-v2-AES", "kvm64", "EPYC-v4", "custom-mine"),
    );
    const vm = fc.record({
      id: fc.oneof(
        fc.integer({ min: 98, max: 103 }),
        fc.integer({ min: 999_999_997, max: 2 ** 31 }),
      ),
      cores: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.integer({ min: 126, max: 130 })),
      sockets: fc.integer({ min: 0, max: 5 }),
      cpuType: word,
      bridge: fc.oneof(fc.constant("vmbr0"), fc.stringMatching(/^[A-Za-z0-9_.-]{1,17}$/)),
    });
    await fc.assert(
      fc.asyncProperty(vm, async (values) => {
        const parsed = vmSchema.safeParse({ host: "pve-a", disk: "64Gi", ...values }).data;
        if (parsed === undefined) return;
        await pve().call("empty");
        const said = await request(renderCreation(settingsOf({ ...machine, vm: parsed })));
        const isSchema = said?.includes("400") === true;
        assert.ok(!isSchema, `${JSON.stringify(values)}: ${said ?? ""}`);
      }),
      { numRuns: countCases(100), seed: chooseSeed() },
    );
  });

  it("have storages that the API takes, wherever the configuration takes them", async () => {
    const [machine = assert.fail("the fixture has no machine")] = virtual;
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/), async (storage) => {
        const parsed = hypervisorSchema.safeParse({ ...HYPERVISOR, storage }).data;
        if (parsed === undefined) return;
        const settings = renderVm(machine, { config: parsed, lan, image });
        const said = (await request(renderCreation(settings))) ?? "";
        assert.ok(!said.includes("400"), `${storage}: ${said}`);
      }),
      { numRuns: countCases(50), seed: chooseSeed() },
    );
  });
});
