import assert from "node:assert/strict";
import { isVirtual } from "../../../components/hypervisor/virtual";
import { checkProxmox } from "../../../scripts/kit/proxmox/checks";
import { compareHa, lookAtHa } from "../../../scripts/kit/proxmox/ha-look";
import { findMoved, markMoved, renderMoved } from "../../../scripts/kit/proxmox/moved";
import { findPending } from "../../../scripts/kit/proxmox/noted";
import { reportVm } from "../../../scripts/kit/proxmox/report-drift";
import { VM_TYPE } from "../../../scripts/kit/proxmox/vm-name";
import { findHalfChanged } from "../../../scripts/kit/pulumi/virtual-machines";
import { loadProject } from "../../../scripts/kit/stack-file/project";
import { UserError } from "../../../scripts/kit/user-error";
import { addCheck } from "../../../scripts/verbs/validate/add-check";
import { AVAILABLE, VIRTUAL } from "../../support/hypervisor";
import { homelabSite } from "../../support/site";

const site = homelabSite(...AVAILABLE);
const machines = site.machines.filter(isVirtual);
const [maple] = machines.filter(({ name }) => name === "maple");
const ha = maple?.vm.ha;
assert.ok(maple !== undefined && ha !== undefined && site.config.hypervisor !== undefined);

const vm = (name: string, vmid: number, more: object = { hastate: "started" }) => ({
  ...{ type: "qemu", vmid, name, node: "pve-a", ...more },
});

/** As Proxmox tells it where nobody has touched it. */
const UNTOUCHED: Readonly<Record<string, unknown>> = {
  "/cluster/resources": [vm("maple", 263), vm("spruce", 261)],
  "/cluster/ha/resources": [{ sid: "vm:261" }, { sid: "vm:263" }],
  "/cluster/ha/resources/vm%3A263": { sid: "vm:263", state: "started", max_restart: 3 },
  "/cluster/ha/rules": [{ rule: "vmstation-263" }],
  "/cluster/ha/rules/vmstation-263": { nodes: "pve-b:1,pve-a:2", strict: 1, resources: "vm:263" },
};

const apiOf = (changes: Readonly<Record<string, unknown>>) => ({
  get: (path: string): Promise<unknown> => {
    const all: Readonly<Record<string, unknown>> = { ...UNTOUCHED, ...changes };
    return path in all
      ? Promise.resolve(all[path])
      : Promise.reject(new UserError(`Proxmox: 403 ${path}`));
  },
});

describe("what was changed by hand at a machine's high availability", () => {
  const find = async (changes: Readonly<Record<string, unknown>>): Promise<string[]> => {
    const found = await lookAtHa(apiOf(changes), maple);
    return compareHa(maple, ha, found).map(({ reason }) => reason);
  };
  const resource = (values: object) => ({ "/cluster/ha/resources/vm%3A263": values });
  const rule = (values: object) => ({ "/cluster/ha/rules/vmstation-263": values });
  const RULE = { nodes: "pve-a:2,pve-b:1", strict: 1 };

  for (const [what, changes, expected] of [
    ["nothing", {}, []],
    [
      "that it was taken out",
      { "/cluster/ha/resources": [] },
      ["Proxmox does not have it in high availability"],
    ],
    [
      "that it was switched off",
      resource({ state: "stopped", max_restart: 3 }),
      ["its requested state is stopped, not started"],
    ],
    ["how often it is tried", resource({}), ["its max_restart is 1, not 3"]],
    [
      "whether it moves back",
      resource({ max_restart: 3, failback: 0 }),
      ["its failback is false, not true"],
    ],
    [
      "that its rule is gone",
      { "/cluster/ha/rules": [] },
      ["its rule vmstation-263 is absent, not present"],
    ],
    [
      "its hosts",
      rule({ ...RULE, nodes: "pve-a" }),
      ["its rule vmstation-263's nodes is pve-a, not pve-a:2,pve-b:1"],
    ],
    ["that its rule is off", rule({ ...RULE, disable: 1 }), ["rule vmstation-263 is disabled"]],
    [
      "that Proxmox has given up",
      { "/cluster/resources": [vm("maple", 263, { hastate: "error" })] },
      ["is in state error: Proxmox has given up on it"],
    ],
  ] as const)
    it(`is ${what}`, async () => {
      assert.deepEqual(await find(changes), expected);
    });

  it("comes with the commands that put it right", async () => {
    const { hypervisor, lan } = site.config;
    assert.ok(hypervisor !== undefined);
    const report = (changes: Readonly<Record<string, unknown>>) =>
      lookAtHa(apiOf(changes), maple).then(
        (found) =>
          reportVm(
            maple,
            { hypervisor, lan, stack: "mine", project: "vmstation" },
            { found: {}, host: "pve-b", ha: found },
          ).reason ?? "",
      );
    assert.match(
      await report({ "/cluster/ha/rules": [] }),
      /refresh --target '\*\*hypervisor-ha-maple' --target '\*\*hypervisor-ha-rule-maple' --stack mine\n +npx vmstation up/,
    );
    assert.match(
      await report(rule({ ...RULE, disable: 1 })),
      /ha-manager rules set node-affinity vmstation-263 --delete disable, then npx vmstation refresh --stack mine$/m,
    );
    assert.match(
      await report({ "/cluster/resources": [vm("maple", 263, { hastate: "error" })] }),
      /ha-manager set vm:263 --state disabled, then ha-manager set vm:263 --state started/,
    );
  });
});

describe("the check of high availability", () => {
  const about = { project: loadProject(process.cwd()), stack: "mine", site };
  const check = async (known: unknown) => {
    const open = () => Promise.resolve(apiOf({ "/cluster/resources": known }));
    const checks = await checkProxmox(about, undefined, {
      open,
      onWarning: (text) => assert.fail(text),
    });
    // Where high availability runs them is its own business.
    assert.deepEqual(
      checks.slice(1).map(({ name, status }) => [name, status]),
      [["hosts", "pass"]],
    );
    return checks[0];
  };

  it("passes where Proxmox runs the machines, or is about to", async () => {
    for (const hastate of ["started", "migrate", "freeze"]) {
      const found = await check([vm("maple", 263, { hastate }), vm("spruce", 261)]);
      assert.equal(found?.status, "pass", hastate);
    }
  });

  for (const [what, known, words, advice] of [
    [
      "has given up on one",
      [vm("maple", 263), vm("spruce", 261, { hastate: "error" })],
      /^spruce is in state error$/,
      /ha-manager set vm:261 --state disabled/,
    ],
    [
      "was told to leave one off",
      [vm("maple", 263, { hastate: "stopped" }), vm("spruce", 261)],
      /^maple is in state stopped$/,
      /npx vmstation refresh, then npx vmstation up/,
    ],
    [
      "does not have one in it",
      [vm("maple", 263, {})],
      /^maple is not in high availability; Proxmox does not show spruce$/,
      /refresh/,
    ],
  ] as const)
    it(`fails where Proxmox ${what}`, async () => {
      const found = await check(known);
      assert.equal(found?.status, "fail");
      assert.match(found.found, words);
      assert.match(found.advice, advice);
    });

  it("is an error where Proxmox cannot be asked, and nothing where no machine has it", async () => {
    const refuse = (): Promise<never> => Promise.reject(new UserError("Proxmox does not answer"));
    const warned: string[] = [];
    const means = { open: refuse, onWarning: (text: string) => void warned.push(text) };
    assert.deepEqual(
      (await checkProxmox(about, undefined, means)).map(({ status, found }) => [status, found]),
      [["error", "Proxmox does not answer"]],
    );
    assert.deepEqual(warned, []);
    const none = { ...about, site: homelabSite(...VIRTUAL) };
    assert.deepEqual(await checkProxmox(none, undefined, means), []);
    assert.deepEqual(warned, [
      "not looked at, on which hosts machines run: Proxmox does not answer",
    ]);
    const real = { ...about, site: homelabSite() };
    assert.deepEqual(await checkProxmox(real, undefined, means), []);
    assert.equal(warned.length, 1);
  });

  it("stands in the report with those of its group, and counts", async () => {
    const one = (group: string) => ({
      ...{ group, name: "size", status: "pass" as const, found: "", expected: "", advice: "" },
    });
    const checks = ["nodes", "hypervisor", "pods"].map(one);
    const before = { status: "pass" as const, counts: { pass: 3, fail: 0, error: 0 }, checks };
    assert.deepEqual(addCheck(before, undefined), before);
    const found = await check([vm("maple", 263)]);
    assert.ok(found !== undefined);
    const after = addCheck(before, found);
    assert.equal(after.status, "fail");
    assert.deepEqual(after.counts, { pass: 3, fail: 1, error: 0 });
    assert.deepEqual(
      after.checks.map(({ group, name }) => `${group}.${name}`),
      ["nodes.size", "hypervisor.size", "hypervisor.high-availability", "pods.size"],
    );
  });
});

describe("a machine that high availability has moved", () => {
  const noted = (name: string, nodeName: string) => ({
    ...{ urn: `urn:${name}`, type: VM_TYPE, inputs: { name }, outputs: { nodeName } },
  });

  it("is read again before an update, which would look for it on its old host", () => {
    const state = [noted("maple", "pve-b"), noted("spruce", "pve-a")];
    const known = [vm("maple", 263), vm("spruce", 261)];
    const moved = findMoved(machines, state, known, new Map());
    const maples = { urn: "urn:maple", name: "maple", host: "pve-a" };
    assert.deepEqual(moved, [{ ...maples, isManaged: true, next: undefined }]);
    assert.deepEqual(moved.map(renderMoved), [
      "maple: Proxmox's high availability has it on pve-a by now. It is read again before the update.",
    ]);
    const { resources } = markMoved({ resources: state }, moved);
    assert.deepEqual(findHalfChanged(resources ?? []), ["urn:maple"]);
  });

  it("is no change that waits for Proxmox", () => {
    const inputs = {
      ...{ name: "maple", nodeName: "pve-b", cpu: { cores: 4, sockets: 2 } },
      ...{ memory: { dedicated: 8192 }, disks: [{ size: 128 }] },
    };
    const state = [{ type: VM_TYPE, inputs }];
    assert.deepEqual(findPending([maple], state), []);
    const plain = { ...maple, vm: { ...maple.vm, ha: undefined } };
    assert.deepEqual(findPending([plain], state), ["maple"]);
  });
});
