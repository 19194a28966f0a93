import assert from "node:assert/strict";
import { PassThrough, Readable } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DESCRIPTION } from "../../../components/hypervisor/virtual";
import { UserError } from "../../../scripts/kit/user-error";
import { Draft } from "../../../scripts/verbs/init/draft";
import { askForMachines } from "../../../scripts/verbs/init/interview";
import { connect } from "../../../scripts/verbs/init/proxmox/connect";
import { refuseUnfit } from "../../../scripts/verbs/init/list-machines";
import { findVms } from "../../../scripts/verbs/init/proxmox/found";
import { asInventory, offerVms } from "../../../scripts/verbs/init/proxmox/offer";
import { askWhoSleeps } from "../../../scripts/verbs/init/sleep";

const ENDPOINT = "https://192.168.8.33:8006";

const vm = (vmid: number, name: string, more: object = {}) => ({
  ...{ type: "qemu", vmid, name, node: "pve-a", status: "running", template: 0, ...more },
});

const nic = (name: string, ...ips: readonly string[]) => ({
  name,
  "ip-addresses": ips.map((ip) => ({ "ip-address": ip })),
});

const ANSWERS: Readonly<Record<string, unknown>> = {
  "/cluster/resources": [
    { type: "node", node: "pve-a", status: "online" },
    { type: "lxc", vmid: 99, name: "box", node: "pve-a", status: "running" },
    vm(9001, "debian-12", { template: 1 }),
    vm(103, "Media.lan", { pool: "home", node: "pve-b" }),
    vm(101, "web"),
    vm(102, "old", { status: "stopped" }),
    vm(151, "ichi"),
  ],
  "/nodes/pve-a/qemu/101/config": {
    ...{ ciuser: "ops", ipconfig0: "gw=192.168.8.1,ip=192.168.8.61/24", tags: "prod;k3s" },
  },
  "/nodes/pve-a/qemu/102/config": { ipconfig0: "ip=dhcp" },
  "/nodes/pve-b/qemu/103/config": {},
  "/nodes/pve-b/qemu/103/agent/network-get-interfaces": {
    result: [
      nic("lo", "127.0.0.1"),
      nic("docker0", "172.17.0.1"),
      nic("ens18", "fe80::1", "169.254.1.2", "192.168.8.63"),
    ],
  },
  "/nodes/pve-a/qemu/151/config": { description: `${DESCRIPTION}\n` },
};

const api = {
  get: (path: string): Promise<unknown> =>
    path in ANSWERS
      ? Promise.resolve(ANSWERS[path])
      : Promise.reject(new UserError("Proxmox: 500 QEMU guest agent is not running")),
};

describe("the virtual machines that init offers", () => {
  it("are those of Proxmox, with the address that cloud-init or the guest agent tells", async () => {
    const found = await findVms(api);
    assert.deepEqual(
      found.map(({ id, name, host, address, user, isRunning, isOurs }) => [
        ...[id, name, host, address, user, isRunning, isOurs],
      ]),
      [
        [101, "web", "pve-a", "192.168.8.61", "ops", true, false],
        [102, "old", "pve-a", undefined, undefined, false, false],
        [103, "Media.lan", "pve-b", "192.168.8.63", undefined, true, false],
        [151, "ichi", "pve-a", undefined, undefined, true, true],
      ],
    );
  });

  it("are shown, and not those that a stack has made", async () => {
    const { vms, text } = offerVms(ENDPOINT, await findVms(api));
    assert.deepEqual(
      vms.map(({ id }) => id),
      [101, 102, 103],
    );
    assert.equal(
      text,
      `Virtual machines of ${ENDPOINT}:
  101  web        pve-a  running  192.168.8.61
  102  old        pve-a  off      no known address
  103  Media.lan  pve-b  running  192.168.8.63
  151  ichi       pve-a  running  no known address  VMStation has made it: a stack has it
`,
    );
    const ours = (await findVms(api)).filter(({ isOurs }) => isOurs);
    assert.throws(() => offerVms(ENDPOINT, ours), /There is no virtual machine to choose/);
  });

  it("become an inventory where the command line chooses: tags, pools and hosts are groups", async () => {
    const { hosts, remarks } = asInventory(await findVms(api));
    assert.deepEqual(
      hosts.map(({ name, groups, variables }) => [
        name,
        [...groups],
        variables.get("ansible_host"),
        variables.get("ansible_user"),
      ]),
      [
        ["web", ["all", "pve-a", "prod", "k3s"], ...["192.168.8.61", "ops"]],
        ["Media.lan", ["all", "pve-b", "home"], "192.168.8.63", undefined],
      ],
    );
    assert.match(remarks.join("\n"), /left out, for not running or .*: old, ichi$/);
  });
});

describe("a person who is asked for virtual machines", () => {
  const folder = mkdtempSync(join(tmpdir(), "vmstation-choice-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  async function ask(...answers: readonly string[]) {
    const input = Readable.from(answers.map((answer) => `${answer}\n`));
    const output = new PassThrough();
    const resolve = (address: string) => Promise.resolve({ address, port: 22, user: undefined });
    const { vms } = offerVms(ENDPOINT, await findVms(api));
    const draft = new Draft(join(folder, "init-mine.json"));
    const asking = { input, output, user: "me", draft, vms, resolve };
    const machines = await askForMachines(asking);
    draft.remove();
    output.end();
    return { machines, shown: await textOf(output) };
  }

  it("takes the running ones with their names, addresses and users by Enter", async () => {
    const { machines } = await ask("", "", ...["", "", "", "", ""], ...["", "", "", "", ""], "");
    assert.deepEqual(
      machines.map(({ name, address, user, roles, vm: from }) => [
        name,
        address,
        user,
        roles,
        from,
      ]),
      [
        [
          ...["web", "192.168.8.61", "ops", ["control-plane", "etcd", "worker"]],
          { id: 101, host: "pve-a" },
        ],
        ["media", "192.168.8.63", "ops", ["worker"], { id: 103, host: "pve-b" }],
      ],
    );
  });

  it("chooses by number, and adds a real machine", async () => {
    const { machines, shown } = await ask(
      ...["999", "103", "0", "2"],
      ...["", "", "", "", ""],
      ...["nas", "192.168.8.70", "", "", "", ""],
    );
    assert.match(shown, /some of web, old, Media\.lan, or -/);
    assert.deepEqual(
      machines.map(({ name, vm: from }) => [name, from?.id]),
      [
        ["media", 103],
        ["nas", undefined],
      ],
    );
    assert.match(shown, /a number from 1 to 64/);
  });

  it("is not asked whether one sleeps: no magic packet wakes it", async () => {
    const { machines } = await ask("", "", ...["", "", "", "", ""], ...["", "", "", "", ""], "");
    const seen = machines.map((asked) => ({
      asked: { ...asked, roles: ["worker" as const], label: "" },
      facts: { addresses: [], hardware: [], bmc: undefined, wakeOnLan: new Map<string, string>() },
    }));
    const streams = { input: Readable.from([]), output: new PassThrough() };
    const answered = await askWhoSleeps(seen, streams);
    assert.deepEqual(
      answered.map(({ asked }) => asked.sleeps),
      [false, false],
    );
  });
});

describe("the token for a look at Proxmox", () => {
  const args = {
    endpoint: ENDPOINT,
    file: undefined,
    fingerprint: undefined,
    env: {},
    isTerminal: false,
  };

  for (const [what, more, words] of [
    ["cannot be typed", {}, /^UserError: --proxmox needs the API token: set PROXMOX_VE_API_TOKEN/],
    ["has another form", { env: { PROXMOX_VE_API_TOKEN: "hunter2" } }, /of the form USER@REALM/],
    [
      "goes to no https address",
      { endpoint: "http://pve" },
      /^UserError: --proxmox http:\/\/pve: /,
    ],
    ["goes with no certificate", { file: "/none" }, /--proxmox-ca \/none: it must be a file/],
  ] as const)
    it(`is refused where it ${what}, and never shown`, async () => {
      await assert.rejects(connect({ ...args, ...more }), (error: unknown) => {
        assert.match(String(error), words);
        assert.ok(!String(error).includes("hunter2"));
        return true;
      });
    });
});

describe("options of init about Proxmox that do not go together", () => {
  const none = { from: undefined, proxmox: undefined, proxmoxCa: undefined, sleeps: [] };

  it("are refused: an authority of nothing that is asked, with an inventory or without", () => {
    for (const from of [undefined, "hosts.ini"])
      assert.throws(() => {
        refuseUnfit({ ...none, from, proxmoxCa: "ca.pem" });
      }, /^UserError: --proxmox-ca ca\.pem: .* without --proxmox, such as --proxmox https:/);
  });

  it("are taken where they do", () => {
    refuseUnfit(none);
    refuseUnfit({ ...none, proxmox: ENDPOINT, proxmoxCa: "ca.pem" });
  });
});
