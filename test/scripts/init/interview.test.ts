import assert from "node:assert/strict";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { Draft } from "../../../scripts/verbs/init/draft";
import { askForMachines } from "../../../scripts/verbs/init/interview";
import { suggestRoles } from "../../../scripts/verbs/init/suggest-roles";
import { askWhoSleeps } from "../../../scripts/verbs/init/sleep";
import { withoutDefaults } from "../../../scripts/verbs/init/without-defaults";
import { checkConfig } from "../../../stacks/check";

describe("the questions that init asks", () => {
  const folder = fs.mkdtempSync(join(tmpdir(), "vmstation-interview-"));
  const draft = new Draft(join(folder, "init-mine.json"));

  afterEach(() => {
    draft.remove();
  });
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const streams = (answers: readonly string[]) => ({
    input: Readable.from(answers.map((answer) => `${answer}\n`)),
    output: new PassThrough(),
  });

  async function ask(...answers: string[]) {
    const { input, output } = streams(answers);
    const machines = await askForMachines({
      ...{ input, output, user: "me", draft },
      resolve: (host) => {
        if (host === "hidden")
          return Promise.resolve({ address: "10.0.0.9", port: 2222, user: "ops" });
        const isAddress = /^[\d.]+$/.test(host);
        return Promise.resolve(
          isAddress ? { address: host, port: 22, user: undefined } : undefined,
        );
      },
    });
    output.end();
    return { machines, shown: await textOf(output) };
  }

  it("make machines, with what was offered where nothing is answered", async () => {
    const { machines } = await ask(
      ...["2", "master", "10.0.0.1", "", "", ""],
      ...["nas", "10.0.0.2", "2022", "ops", "", ""],
    );
    assert.deepEqual(machines, [
      {
        ...{ name: "master", address: "10.0.0.1", port: 22, user: "me", sleeps: false },
        ...{ roles: ["control-plane", "etcd", "worker"], label: undefined },
      },
      {
        ...{ name: "nas", address: "10.0.0.2", port: 2022, user: "ops", sleeps: false },
        ...{ roles: ["worker"], label: undefined },
      },
    ]);
  });

  it("offer what the ssh settings say of a host", async () => {
    const { machines } = await ask("", "hidden", "", "", "", "", "");
    assert.deepEqual(
      machines.map(({ address, port, user }) => [address, port, user]),
      [["10.0.0.9", 2222, "ops"]],
    );
  });

  it("are asked again where an answer will not do, with what would", async () => {
    const { machines, shown } = await ask(
      ...["none", "1", "My Box", "box", "nowhere", "10.0.0.1", "0", "", "Me!", "me"],
      ...["boss", "worker", "both", ""],
    );
    assert.deepEqual(
      machines.map(({ name, roles }) => [name, roles]),
      [["box", ["control-plane", "etcd", "worker"]]],
    );
    for (const hint of [
      /a number from 1 to 64/,
      /RFC 1123/,
      /nowhere has no IPv4 address/,
      /a port, 1 to 65535/,
      /a user name/,
      /control-plane, worker or both/,
      /no machine is a control plane yet/,
    ])
      assert.match(shown, hint);
  });

  it("take no word for a role that only looks like one", async () => {
    const { machines } = await ask(
      ...["2", "one", "10.0.0.1", "", "me", "toString", "both"],
      ...["two", "10.0.0.2", "", "", "worker", ""],
    );
    assert.deepEqual(
      machines.map(({ roles }) => roles.length),
      [3, 1],
    );
  });

  it("can be gone back in, also from the end", async () => {
    const { machines } = await ask(
      ...["1", "bok", "<", "box", "10.0.0.1", "", "me", "both", "<", "<", "you", "both", ""],
    );
    assert.deepEqual(
      machines.map(({ name, user }) => [name, user]),
      [["box", "you"]],
    );
  });

  it("keep what was entered when a person leaves, and go on from there", async () => {
    await assert.rejects(ask("1", "box", "10.0.0.1"), /answers are kept in .*init-mine\.json/);
    assert.equal(fs.statSync(draft.path).mode & 0o777, 0o600);
    const { machines, shown } = await ask("", "", "me", "both", "");
    assert.match(shown, /answers of last time \(box\)/);
    assert.deepEqual(
      machines.map(({ name, address }) => [name, address]),
      [["box", "10.0.0.1"]],
    );
    await assert.rejects(ask("n", "1"), /are kept/);
  });

  it("suggest roles with which the program accepts so many machines", () => {
    assert.deepEqual(suggestRoles(1, false), ["both"]);
    assert.deepEqual(suggestRoles(2, false), ["both", "worker"]);
    assert.deepEqual(suggestRoles(3, false), ["control-plane", "worker", "worker"]);
    assert.deepEqual(suggestRoles(3, true), ["both", "both", "both"]);
    assert.deepEqual(
      suggestRoles(5, true).join(),
      [...Array<string>(3).fill("control-plane"), "worker", "worker"].join(),
    );
    for (let count = 1; count <= 12; count += 1) {
      for (const survives of [false, true]) {
        const roles = suggestRoles(count, survives);
        assert.equal(roles.length, count);
        assert.ok(
          roles.some((role) => role !== "worker") && roles.some((role) => role !== "control-plane"),
        );
      }
    }
  });

  it("offer sleep only for machines that can be woken", async () => {
    const machine = (
      name: string,
      wakeOnLan: string | undefined,
      role: "worker" | "control-plane",
    ) => ({
      asked: {
        name,
        address: "10.0.0.1",
        port: 22,
        label: "",
        user: "me",
        roles: [role],
        sleeps: false,
      },
      facts: {
        addresses: [{ ifname: "eth0", addr_info: [{ local: "10.0.0.1", prefixlen: 24 }] }],
        hardware: ["eth0"],
        bmc: undefined,
        wakeOnLan: new Map(wakeOnLan === undefined ? [] : [["eth0", wakeOnLan]]),
      },
    });
    const { input, output } = streams(["y", "y"]);
    const answered = await askWhoSleeps(
      [
        machine("plane", "pumbg", "control-plane"),
        machine("wakes", "pumbg", "worker"),
        machine("deaf", "d", "worker"),
        machine("unknown", undefined, "worker"),
      ],
      { input, output },
    );
    output.end();
    const sleepers = answered.filter(({ asked }) => asked.sleeps).map(({ asked }) => asked.name);
    assert.deepEqual(sleepers, ["wakes", "unknown"]);
    const shown = await textOf(output);
    assert.match(shown, /deaf stays on: its NIC says/);
    assert.match(shown, /unknown sleep when it is idle\? \(ethtool is not there/);
  });
});

describe("the file that init writes", () => {
  const config = new Map<string, unknown>([
    ["vmstation:cluster", { name: "mine" }],
    [
      "vmstation:lan",
      { cidr: "10.0.0.0/24", gateway: "10.0.0.1", broadcast: "10.0.0.255", timeZone: "UTC" },
    ],
    [
      "vmstation:machines",
      {
        box: {
          ...{ address: "10.0.0.2", nic: "eth0", os: "debian-12", sshUser: "me", sshPort: 22 },
          ...{ roles: ["control-plane", "etcd", "worker"], dns: ["10.0.0.9"], labels: {} },
        },
      },
    ],
    ["vmstation:node", { timeServer: "box", logServer: "box" }],
    ["vmstation:bootstrap", { method: "kubespray" }],
  ]);

  it("does not repeat defaults, and means the same without them", () => {
    const shorter = withoutDefaults(config, []);
    assert.ok(!shorter.has("vmstation:bootstrap"));
    const { box } = shorter.get("vmstation:machines") as { box: Record<string, unknown> };
    assert.ok(!("sshPort" in box) && !("labels" in box) && "dns" in box);
    assert.ok(!("timeZone" in (shorter.get("vmstation:lan") as object)));
    const means = (layers: ReadonlyMap<string, unknown>): unknown => {
      const values = Object.fromEntries(
        [...layers].map(([key, value]): [string, unknown] => [
          key.replace("vmstation:", ""),
          value,
        ]),
      );
      const { site, problems } = checkConfig({ values, secretKeys: [] });
      assert.deepEqual(problems, []);
      return site?.config;
    };
    assert.deepEqual(means(shorter), means(config));
  });

  it("keeps what its owner has set, also where it is the default", () => {
    const shorter = withoutDefaults(config, ["bootstrap.method", "machines.box.sshPort"]);
    assert.deepEqual(shorter.get("vmstation:bootstrap"), { method: "kubespray" });
    const { box } = shorter.get("vmstation:machines") as { box: Record<string, unknown> };
    assert.equal(box.sshPort, 22);
  });
});
