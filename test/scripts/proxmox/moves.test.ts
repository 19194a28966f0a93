import assert from "node:assert/strict";
import { parseStays, renderStays } from "../../../components/hypervisor/stays";
import { isVirtual, listVirtual } from "../../../components/hypervisor/virtual";
import { findBlocks } from "../../../scripts/kit/proxmox/blocked";
import { checkProxmox } from "../../../scripts/kit/proxmox/checks";
import { findMoved, findWaiting, markMoved, renderMoved } from "../../../scripts/kit/proxmox/moved";
import { findMove, findMoveProblems } from "../../../scripts/kit/proxmox/moves";
import {
  findStays,
  listPlaced,
  notePlaced,
  type Placed,
} from "../../../scripts/kit/proxmox/placed";
import { HYPERVISOR_TYPE, VM_TYPE } from "../../../scripts/kit/proxmox/vm-name";
import { findHalfChanged } from "../../../scripts/kit/pulumi/virtual-machines";
import { loadProject } from "../../../scripts/kit/stack-file/project";
import { AVAILABLE, VIRTUAL } from "../../support/hypervisor";
import { homelabSite } from "../../support/site";

const { config, machines: all } = homelabSite(...VIRTUAL);
const machines = all.filter(isVirtual);
const [maple] = machines;
assert.ok(maple?.name === "maple");

/** Maple is configured for pve-a, and spruce for pve-b. */
const known = (maple: string, { off = "", hastate }: { off?: string; hastate?: string } = {}) => [
  ...["pve-a", "pve-b"].map((node) => {
    return { type: "node", node, status: node === off ? "offline" : "online" };
  }),
  { ...{ type: "qemu", vmid: 263, name: "maple", node: maple }, ...(hastate && { hastate }) },
  { type: "qemu", vmid: 261, name: "spruce", node: "pve-b" },
];

/** As an update has left it: maple was on pve-b. Its key was changed since. */
const BEFORE: Placed = new Map([
  ["maple", "pve-b"],
  ["spruce", "pve-b"],
]);
const UNCHANGED: Placed = new Map([...BEFORE, ["maple", "pve-a"]]);

describe("the move of a machine to its host", () => {
  const find = async (
    seen: ReturnType<typeof known>,
    held: Readonly<Record<string, readonly string[]>> = {},
    of = machines,
    placed = BEFORE,
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
      { hypervisor, machines: of, known: seen, placed, onWarning },
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
        `machines.maple.vm.host: maple is on pve-b, and an update moves it to pve-a: ${off} is off, so that it cannot move now, and stays`,
      ]);
      assert.deepEqual(
        moved(seen).map(({ next }) => next),
        off === "pve-b" ? [] : [undefined],
      );
      // The wish is kept: its host is still the one of before.
      assert.deepEqual([...findWaiting(machines, seen, BEFORE)], [["maple", "pve-b"]]);
      assert.deepEqual([...findWaiting(machines, known("pve-b"), BEFORE)], []);
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
    const args = {
      machines,
      settings: { hypervisor, lan },
      known: seen,
      placed: BEFORE,
      sizes: new Map(),
    };
    const said = await findBlocks({ get }, { ...args, onWarning: () => undefined });
    assert.match(said.join("\n"), /^machines\.maple\.vm: .*locked \(backup\), and its host, /m);
  });

  const moved = (seen: ReturnType<typeof known>, placed = BEFORE) => {
    const state = ["maple", "spruce"].map((name) => {
      const nodeName = name === "maple" ? "pve-a" : "pve-b";
      return { urn: `urn:${name}`, type: VM_TYPE, inputs: { name }, outputs: { nodeName } };
    });
    return findMoved(machines, state, seen, placed);
  };

  it("begins with a look at a machine that somebody has moved, which the state has on its old host", () => {
    assert.deepEqual(moved(known("pve-a")), []);
    assert.deepEqual(moved(known("pve-b")).map(renderMoved), [
      "maple: somebody has moved it, and it is on pve-b by now. It is read again before the update, which moves it to pve-a.",
    ]);
  });

  const LEFT =
    "machines.maple.vm.host: maple runs on pve-b, and the configuration has it on pve-a. up leaves it where it is. " +
    "To keep it there, write machines.maple.vm.host: pve-b. To move it back, on pve-b: " +
    "qm migrate 263 pve-a --online --with-local-disks";

  it("is none where only somebody else has moved it: that is said, and no right is asked for", async () => {
    const found = await find(known("pve-b"), {}, machines, UNCHANGED);
    assert.deepEqual(found, { problems: [], warnings: [LEFT], asked: [] });
    assert.deepEqual(moved(known("pve-b"), UNCHANGED).map(renderMoved), [
      "maple: somebody has moved it, and it is on pve-b by now. It is read again before the update.",
    ]);
  });

  it("is none of a machine that is offline, of which nothing is said either", async () => {
    const away = homelabSite(...VIRTUAL, [["machines", "maple", "offline"], true]).machines;
    const found = await find(known("pve-b"), {}, listVirtual(away));
    assert.deepEqual(found, { problems: [], warnings: [], asked: [] });
  });

  it("is told by validate, with both ways out", async () => {
    const site = homelabSite(...VIRTUAL);
    const check = async (seen: unknown) => {
      const get = (): Promise<unknown> => Promise.resolve(seen);
      const about = { project: loadProject(process.cwd()), stack: "mine", site };
      const open = () => Promise.resolve({ get });
      const checks = await checkProxmox(about, undefined, {
        open,
        onWarning: (text) => assert.fail(text),
      });
      return checks.map(({ name, status, found, advice }) => [name, status, found, advice]);
    };
    assert.deepEqual(await check(known("pve-a")), [["hosts", "pass", "2 machines", ""]]);
    const [[, status, found, advice] = []] = await check(known("pve-b"));
    assert.deepEqual([status, found], ["fail", "maple runs on pve-b, not pve-a"]);
    assert.ok(advice !== undefined && LEFT.endsWith(advice.replace("up leaves them there. ", "")));
  });
});

describe("what the configuration had before", () => {
  const vm = (name: string, nodeName: string) => ({
    ...{ urn: `urn:${name}`, type: VM_TYPE, inputs: { name, nodeName } },
  });
  const layer = (outputs?: object) => ({ urn: "urn:layer", type: HYPERVISOR_TYPE, outputs });
  const stack = (host: string) =>
    new Map<string, unknown>([["vmstation:machines", { maple: { vm: { host } } }]]);
  const stays = (host: string, ...state: readonly { readonly type: string }[]) =>
    Object.fromEntries(findStays(listPlaced(state), stack(host), "vmstation"));

  it("is noted by the layer, whatever a refresh has made of the machine's own inputs", () => {
    const moved = vm("maple", "pve-b");
    assert.deepEqual(stays("pve-a", layer({ hosts: { maple: "pve-a" } }), moved), {
      maple: "pve-a",
    });
    assert.deepEqual(stays("pve-b", layer({ hosts: { maple: "pve-a" } }), moved), {});
  });

  it("is read from the machine's inputs in a state of an earlier version", () => {
    for (const outputs of [undefined, {}])
      assert.deepEqual(stays("pve-a", layer(outputs), vm("maple", "pve-a")), { maple: "pve-a" });
    assert.deepEqual(stays("pve-b", layer({}), vm("maple", "pve-a")), {});
    const { resources } = notePlaced(
      { resources: [layer({ kept: 1 }), vm("maple", "pve-b")] },
      listPlaced([vm("maple", "pve-a")]),
    );
    assert.deepEqual(stays("pve-a", ...(resources ?? [])), { maple: "pve-a" });
    assert.deepEqual(resources?.[0]?.outputs, { kept: 1, hosts: { maple: "pve-a" } });
  });

  it("is not done where the move was refused, which Pulumi has noted: it is moved again", () => {
    const initErrors = ["403 Permission check failed"];
    const refused = { ...vm("maple", "pve-b"), outputs: { nodeName: "pve-a" }, initErrors };
    for (const outputs of [{}, { hosts: { maple: "pve-a" } }]) {
      const state = [layer(outputs), refused];
      assert.deepEqual(stays("pve-a", ...state), {});
      assert.equal(findMove(maple, known("pve-b"), listPlaced(state))?.from, "pve-b");
    }
  });

  it("stays what it was where the machine is marked as moved, also if the update ends there", () => {
    const outputs = { nodeName: "pve-a" };
    const before = [layer({ hosts: { maple: "pve-a" } }), { ...vm("maple", "pve-a"), outputs }];
    const maples = { urn: "urn:maple", name: "maple", host: "pve-b" };
    const moved = [{ ...maples, next: undefined, isManaged: false }];
    const { resources } = markMoved({ resources: before }, moved);
    assert.deepEqual(findHalfChanged(resources ?? []), ["urn:maple"]);
    assert.deepEqual(stays("pve-a", ...(resources ?? [])), { maple: "pve-a" });
  });

  it("is told to the program, which takes nothing else for it", () => {
    assert.deepEqual(parseStays(renderStays(BEFORE)), BEFORE);
    assert.deepEqual(parseStays(undefined), new Map());
    assert.throws(() => parseStays('["maple"]'));
  });
});
