import assert from "node:assert/strict";
import type { Change } from "../../support/homelab";
import type { Recorded } from "../../support/mocks";
import { homelabSite } from "../../support/site";
import { recordStack } from "../../support/stack";

const PLANES: readonly Change[] = [
  [
    ["machines", "hazel", "roles"],
    ["control-plane", "etcd"],
  ],
  [["machines", "hazel", "power"], { mode: "always-on" }],
  [
    ["machines", "poplar"],
    {
      ...{ address: "192.168.8.64", mac: "02:00:00:00:00:64", nic: "eno1", os: "debian-12" },
      ...{ roles: ["control-plane", "etcd"], sshUser: "ops" },
    },
  ],
  [["bootstrap", "endpoint"], { address: "192.168.8.9" }],
  [["bootstrap", "controller"], "maple"],
];

const TAKEN_OVER: readonly Change[] = [
  ...PLANES,
  [["machines", "maple", "offline"], true],
  [["cluster", "controller"], "hazel"],
];

describe("another control plane that takes over from a dead controller", () => {
  it("asks for nothing new on the dead machine, and lets its former token end", async function () {
    this.timeout(20_000);
    const before = await recordStack(homelabSite(...PLANES));
    const after = await recordStack(homelabSite(...TAKEN_OVER));
    const there = (graph: readonly Recorded[]): string[] =>
      graph.map(({ name }) => name).filter((name) => name.endsWith("-maple"));
    assert.ok(there(before).includes("power-controller-maple"));
    assert.ok(!there(after).includes("power-controller-maple"));
    assert.deepEqual(
      there(after).filter((name) => !there(before).includes(name)),
      [],
    );
    const token = (graph: readonly Recorded[]): unknown =>
      graph.find(({ name }) => name === "power-account-token")?.inputs.metadata;
    assert.match(JSON.stringify(token(before)), /"name":"vmstation-power-token"/);
    assert.match(JSON.stringify(token(after)), /"name":"vmstation-power-token-hazel"/);
  });
});
