import assert from "node:assert/strict";
import { compose } from "../../../scripts/verbs/init/compose";
import { links, seen } from "./looks";

type Facts = Readonly<Record<string, string | string[]>>;

function machineOf(more: Facts) {
  const [machine] = compose([seen(0, more)]).machines;
  return { config: machine?.config ?? {}, comments: (machine?.comments ?? []).join("\n") };
}

const IP = "192.168.8.63";
const CARD = { ifname: "enp2s0", address: "00:00:00:00:00:01" };

describe("the NIC that init describes", () => {
  it("has the MAC of the card below a bridge, a VLAN or a bond: a magic packet knows no other", () => {
    const bridge = { ifname: "br0", address: "aa:aa:aa:aa:aa:aa", ip: IP };
    const tap = { ifname: "vnet0", address: "fe:00:00:00:00:01", master: "br0" };
    const bridged = links(bridge, tap, { ...CARD, master: "br0" });
    const { config } = machineOf({ addresses: bridged, hardware: ["enp2s0"] });
    assert.deepEqual([config.nic, config.mac], ["br0", CARD.address]);

    const vlan = links(CARD, {
      ifname: "enp2s0.4",
      address: "bb:aa:aa:aa:aa:aa",
      link: "enp2s0",
      ip: IP,
    });
    assert.equal(machineOf({ addresses: vlan, hardware: ["enp2s0"] }).config.mac, CARD.address);

    const overVlan = links(
      ...[
        bridge,
        { ifname: "enp2s0.4", address: "bb:aa:aa:aa:aa:aa", link: "enp2s0", master: "br0" },
      ],
      CARD,
    );
    assert.equal(machineOf({ addresses: overVlan, hardware: ["enp2s0"] }).config.mac, CARD.address);
  });

  it("names all cards where there are several", () => {
    const bonded = links(
      { ifname: "bond0", address: "aa:aa:aa:aa:aa:aa", ip: IP },
      {
        ifname: "eno1",
        address: "aa:aa:aa:aa:aa:aa",
        permaddr: "00:00:00:00:00:0a",
        master: "bond0",
      },
      {
        ifname: "eno2",
        address: "aa:aa:aa:aa:aa:aa",
        permaddr: "00:00:00:00:00:0b",
        master: "bond0",
      },
    );
    const { config, comments } = machineOf({ addresses: bonded, hardware: ["eno1", "eno2"] });
    assert.equal(config.mac, "00:00:00:00:00:0a");
    assert.match(comments, /bond0 is made of eno1 .*, eno2 .*: mac has to be that of the one/);
  });

  it("is the interface itself where nothing is known to be hardware, as in a container", () => {
    const alone = links({ ifname: "eth0", address: "00:00:00:00:00:02", ip: IP });
    assert.equal(machineOf({ addresses: alone }).config.mac, "00:00:00:00:00:02");
  });
});

describe("the name servers that init describes", () => {
  const serversOf = (resolv: string[], more: Facts = {}): unknown =>
    machineOf({ resolv: resolv.map((server) => `nameserver ${server}`), ...more }).config.dns;

  it("are neither the machine's own, nor NodeLocal DNS, nor those of a cluster on it", () => {
    assert.deepEqual(serversOf(["169.254.25.10", "1.1.1.1"]), ["1.1.1.1"]);
    assert.deepEqual(serversOf(["10.233.0.3", "9.9.9.9"]), ["9.9.9.9"]);
    assert.deepEqual(serversOf(["10.43.0.10", "127.0.0.53"]), ["192.168.8.1"]);
    assert.deepEqual(serversOf(["172.20.0.10", "9.9.9.9"], { "cluster-dns": "172.20.0.10 " }), [
      "9.9.9.9",
    ]);
  });

  it("may be on the LAN, with any addresses", () => {
    const addresses = links({ ...CARD, ip: "10.96.4.63" });
    const [machine] = compose([
      seen(0, { addresses, resolv: "nameserver 10.96.4.2" }, { address: "10.96.4.63" }),
    ]).machines;
    assert.deepEqual(machine?.config.dns, ["10.96.4.2"]);
  });
});

describe("the time zone that init describes", () => {
  const zoneOf = (zone: string): string | undefined =>
    compose([seen(0, { "time-zone": zone })]).timeZone;

  it("is the name that was chosen, also where it is another name of a zone", () => {
    assert.equal(zoneOf("../usr/share/zoneinfo/US/Eastern"), "US/Eastern");
    assert.equal(zoneOf("/usr/share/zoneinfo/posix/Europe/Berlin"), "Europe/Berlin");
    assert.equal(zoneOf("Etc/UTC"), "UTC");
  });

  it("is left out, and named, if there is none: the file is written anyway", () => {
    for (const zone of ["/etc/localtime", "/somewhere/else", "Nowhere/Land", "posixrules"]) {
      assert.equal(zoneOf(zone), undefined);
      assert.match(machineOf({ "time-zone": zone }).comments, /could not be read: the time zone/);
    }
  });
});

describe("one fact that is broken", () => {
  it("is named, and every other is there", () => {
    const { config, comments } = machineOf({
      ...{ memory: "", mounts: "{broken", disks: '{"blockdevices": [{"path": 1}]}' },
      problem: "/etc/fstab: parse error at line 3 -- ignored",
      bmc: "IP Address : 999.1.1.1",
    });
    assert.equal(config.memory, undefined);
    assert.equal(config.bmc, undefined);
    assert.deepEqual([config.nic, config.dns, config.os], ["enp2s0", ["8.8.8.8"], "debian-12"]);
    for (const line of [
      "could not be read: /etc/fstab: parse error at line 3 -- ignored",
      "could not be read: the list of mounts is not understood",
      'could not be read: of the list of disks this is not understood: {"path":1}',
    ]) {
      assert.ok(comments.split("\n").includes(line), comments);
    }
  });
});
