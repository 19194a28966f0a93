import assert from "node:assert/strict";
import { renderPreflight } from "../../../components/validation/render-preflight";
import { Sandbox, type Ran } from "../../support/sandbox";
import { args, machine, runPreflight, type Change } from "./preflight-machine";

/** As `ip -o -4 address show dev eth1` has it, and the settings of a machine with 10.0.0.10 there. */
const SETTINGS = { CLUSTER_NIC: "eth1", CLUSTER_ADDRESS: "10.0.0.10/24", CLUSTER_MTU: 1450 };
const THERE: Change = {
  files: { "sys/class/net/eth1/mtu": "1450\n" },
  answers: { ip: "3: eth1    inet 10.0.0.10/24 brd 10.0.0.255 scope global eth1" },
  settings: SETTINGS,
};

describe("preflight at the NIC of the cluster's own network", () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
  });
  afterEach(() => {
    box.remove();
  });

  const run = (change: Change): Ran => runPreflight(box, { ...THERE, ...change }, "apply");

  it("passes where it has its address, and an MTU that pods' packets fit into", () => {
    const ran = run({});
    assert.deepEqual([ran.code, ran.stderr], [0, ""]);
  });

  for (const [what, change, found] of [
    [
      "no such NIC",
      { files: {} },
      /network interface of the cluster: found .*enp2s0.*, expected eth1\n.*clusterNic/,
    ],
    [
      "no address on it",
      { answers: { ip: "" } },
      /address of eth1: found none, expected 10\.0\.0\.10\/24\n.*without a gateway.*cloud-init sets it only/,
    ],
    [
      "another one",
      { answers: { ip: "3: eth1    inet 10.0.0.100/24 brd 10.0.0.255 scope global eth1" } },
      /address of eth1: found 10\.0\.0\.100\/24, expected 10\.0\.0\.10\/24/,
    ],
    [
      "another network's bits",
      { answers: { ip: "3: eth1    inet 10.0.0.10/16 scope global eth1" } },
      /address of eth1: found 10\.0\.0\.10\/16, expected 10\.0\.0\.10\/24/,
    ],
    [
      "too small an MTU",
      { files: { "sys/class/net/eth1/mtu": "1400\n" } },
      /MTU of eth1: found 1400, expected 1450 or more\n.*vmstation:network\.mtu.* by 50/,
    ],
  ] as const) {
    it(`stops at ${what}`, () => {
      const ran = run(change);
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, found);
    });
  }

  it("is told of it where the machine has such an address, and of nothing else where not", () => {
    const maple = machine("maple");
    const cluster = { cidr: "10.0.0.0/24", mtu: 1450 };
    const with_ = { ...maple, clusterAddress: "10.0.0.10", clusterNic: "eth1" };
    const { settings } = renderPreflight(with_, { ...args, cluster });
    assert.deepEqual(
      Object.entries(settings ?? {}).filter(([key]) => key.startsWith("CLUSTER_")),
      Object.entries(SETTINGS),
    );
    assert.deepEqual(
      renderPreflight(maple, { ...args, cluster: undefined }),
      renderPreflight(maple, args),
    );
    assert.ok(!("CLUSTER_NIC" in (renderPreflight(maple, args).settings ?? {})));
  });
});
