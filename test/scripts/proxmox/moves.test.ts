import assert from "node:assert/strict";
import { isVirtual } from "../../../components/hypervisor/virtual";
import { findBlocks } from "../../../scripts/kit/proxmox/blocked";
import { findMoved, renderMoved } from "../../../scripts/kit/proxmox/moved";
import { findMoveProblems } from "../../../scripts/kit/proxmox/moves";
import { VM_TYPE } from "../../../scripts/kit/proxmox/vm-name";
import { AVAILABLE, VIRTUAL } from "../../support/hypervisor";
import { homelabSite } from "../../support/site";

const { config, machines: all } = homelabSite(...VIRTUAL);
const machines = all.filter(isVirtual);

/** Maple is configured for pve-a, and spruce for pve-b. */
const known = (maple: string, { off = "", hastate }: { off?: string; hastate?: string } = {}) => [
  ...["pve-a", "pve-b"].map((node) => {
    return { type: "node", node, status: node === off ? "offline" : "online" };
  }),
  { ...{ type: "qemu", vmid: 263, name: "maple", node: maple }, ...(hastate && { hastate }) },
  { type: "qemu", vmid: 261, name: "spruce", node: "pve-b" },
];

describe("the move of a machine to its host", () => {
  const find = async (
    seen: ReturnType<typeof known>,
    held: Readonly<Record<string, readonly string[]>> = {},
    of = machines,
  ) => {
    const { hypervisor } = config;
    assert.ok(hypervisor !== undefined);
    const warnings: string[] = [];
    const asked: string[] = [];
    const get = (path: string): Promise<unknown> => {
      const where = new URL(path, "https://pve").searchParams.get("path") ?? "";
      asked.push(where);
      const names = (held[where] ?? []).map((name) => [name, 1] as const);
      return Promise.resolve({ [where]: Object.fromEntries(names) });
    };
    const onWarning = (text: string): void => void warnings.push(text);
    const problems = await findMoveProblems(
      { get },
      { hypervisor, machines: of, known: seen, onWarning },
    );
    return { problems, warnings, asked };
  };

  it("asks for no right where each machine is on its host", async () => {
    assert.deepEqual(await find(known("pve-a")), { problems: [], warnings: [], asked: [] });
  });

  it("asks for the rights to move, and says which are missing", async () => {
    const { problems } = await find(known("pve-b"));
    assert.deepEqual(problems, [
      "machines.maple.vm.host: maple is on pve-b, and an update moves it to pve-a: the token lacks VM.Migrate on " +
        "/pool/vmstation, and Sys.Audit on /. Grant them (docs/hypervisor.md#moving-a-machine), or write host: pve-b",
    ]);
    const both = { "/pool/vmstation": ["VM.Migrate"], "/": ["Sys.Audit"] };
    assert.deepEqual((await find(known("pve-b"), both)).problems, []);
  });

  it("asks for those to high availability where that has the machine still", async () => {
    const { asked, problems } = await find(known("pve-b", { hastate: "started" }));
    assert.deepEqual(asked, ["/"]);
    assert.match(problems.join("\n"), /lacks Sys\.Audit, Sys\.Console on \/\./);
  });

  it("is none of a machine with ha, which stays where that has it", async () => {
    const others = homelabSite(...AVAILABLE).machines.filter(isVirtual);
    assert.deepEqual((await find(known("pve-b"), {}, others)).asked, []);
  });

  for (const off of ["pve-a", "pve-b"])
    it(`waits for ${off}, which is off, with a warning`, async () => {
      const seen = known("pve-b", { off });
      const { problems, warnings } = await find(seen);
      assert.deepEqual(problems, []);
      assert.deepEqual(warnings, [
        `machines.maple.vm.host: maple is on pve-b, and an update moves it to pve-a: ${off} is off, so that it cannot move`,
      ]);
      assert.deepEqual(await moved(seen), []);
    });

  it("is refused while the machine is locked", async () => {
    const { hypervisor, lan } = config;
    assert.ok(hypervisor !== undefined);
    const seen = known("pve-b").map((each) =>
      each.type === "qemu" && "vmid" in each && each.vmid === 263
        ? { ...each, lock: "backup" }
        : each,
    );
    const get = (path: string): Promise<unknown> =>
      Promise.resolve(path === "/cluster/status" ? [] : {});
    const args = { machines, settings: { hypervisor, lan }, known: seen };
    const said = await findBlocks({ get }, { ...args, onWarning: () => undefined });
    assert.match(said.join("\n"), /^machines\.maple\.vm: .*locked \(backup\), and its host, /m);
  });

  const moved = (seen: unknown) => {
    const state = ["maple", "spruce"].map((name) => {
      const nodeName = name === "maple" ? "pve-a" : "pve-b";
      return { urn: `urn:${name}`, type: VM_TYPE, inputs: { name }, outputs: { nodeName } };
    });
    return findMoved({ get: () => Promise.resolve(seen) }, machines, state);
  };

  it("begins with a look at a machine that somebody has moved, which the state has on its old host", async () => {
    assert.deepEqual(await moved(known("pve-a")), []);
    assert.deepEqual((await moved(known("pve-b"))).map(renderMoved), [
      "maple: somebody has moved it, and it is on pve-b by now. It is read again before the update, which moves it to pve-a.",
    ]);
  });
});
