import assert from "node:assert/strict";
import { parse } from "yaml";
import { z } from "zod";
import { compose, type SeenMachine } from "../../../scripts/verbs/init/compose";
import { parseFacts } from "../../../scripts/verbs/init/facts";
import { renderConfig, renderFile } from "../../../scripts/verbs/init/render-file";
import { parseSetting } from "../../../scripts/kit/stack-file/setting";
import { checkConfig } from "../../../stacks/check";
import { filesystems, KEY, lookOutput, seen } from "./looks";

type Machines = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** What the file says of each machine. */
function machinesOf(...machines: SeenMachine[]): Machines {
  return Object.fromEntries(compose(machines).machines.map(({ name, config }) => [name, config]));
}

function render(machines: readonly SeenMachine[], settings: readonly string[] = []): string {
  const composed = compose(machines);
  return renderFile({
    composed,
    stack: "mine",
    origin: "hosts",
    settings: settings.map(parseSetting),
  });
}

const HOMELAB = [
  seen(0, {
    "time-zone": "/usr/share/zoneinfo/Europe/Berlin",
    cluster: "/etc/kubernetes/admin.conf",
  }),
  seen(
    1,
    {
      mounts: filesystems(
        ["/", "/dev/sda2", "ext4", "0a"],
        ["/srv/media", "/dev/sdb1", "ext4", "6e9f1a3c-0000-4000-8000-000000000001"],
        [
          ...["/srv/again", "/dev/sdb1", "ext4", "6e9f1a3c-0000-4000-8000-000000000001"],
          ...[undefined, "rw", "/folder"],
        ],
        ["/var/lib/kubelet/pods/x", "/dev/sdb1", "ext4", "1"],
      ),
      export: [
        "/srv/media 192.168.8.0/24(ro,async)",
        "/etc *(ro)",
        "/srv/other 192.168.8.62(rw) nas.lan(ro)",
      ],
    },
    { sleeps: true, label: "storage" },
  ),
  seen(
    2,
    {
      ...{
        ...{ os: "rhel 10.0", known: "rhel-10 exact" },
        "os-name": "Red Hat Enterprise Linux 10.0 (Coughlan)",
        "sleep-states": "freeze",
      },
      wake: ["enp2s0 d"],
      bmc: "IP Address              : 192.168.8.60 MAC Address             : 02:00:00:00:08:60",
      fstab: filesystems(
        ["/", "UUID=0a", "xfs"],
        ["none", "UUID=0b", "swap"],
        ["/mnt/media", "192.168.8.61:/srv/media", "nfs4"],
        ["/mnt/storage", "LABEL=big", "xfs"],
      ),
      disks: JSON.stringify({
        blockdevices: [
          { path: "/dev/sda2", type: "part", fstype: "xfs", uuid: "0a", size: 1, mountpoint: "/" },
          {
            path: "/dev/sdb1",
            type: "part",
            fstype: "xfs",
            uuid: "77",
            label: "big",
            size: 2,
            mountpoint: null,
          },
          {
            path: "/dev/sdc1",
            type: "part",
            fstype: "ext4",
            uuid: "99",
            size: "2199023255552",
            mountpoint: null,
          },
        ],
      }),
    },
    { sleeps: true, port: 2222 },
  ),
];

describe("what init makes of what it saw", () => {
  it("is every machine's own: NIC, MAC, memory, system, name servers that are upstream", () => {
    const { master } = machinesOf(...HOMELAB);
    assert.deepEqual(master, {
      ...{ address: "192.168.8.63", hostKey: KEY, mac: "00:00:00:00:00:63", nic: "enp2s0" },
      ...{ os: "debian-12", roles: ["control-plane", "etcd"], sshUser: "robin", memory: "15872Mi" },
      dns: ["8.8.8.8"],
    });
  });

  it("names the system that a derivative is made from, and refuses all unknown ones at once by name", () => {
    const near = { os: "raspbian 12", "os-name": "Raspbian GNU/Linux 12", known: "debian-12 near" };
    const [machine] = compose([seen(0, near)]).machines;
    assert.equal(machine?.config.os, "debian-12");
    assert.ok(machine.comments.some((line) => line.startsWith("Raspbian GNU/Linux 12 is made of")));
    const fedora = { os: "fedora 41", "os-name": "Fedora Linux 41 (Server Edition)", known: "" };
    const none = { os: "", "os-name": "", known: "" };
    assert.throws(
      () => compose([seen(0), seen(1, fedora), seen(2, none)]),
      /storage runs Fedora Linux 41 \(Server Edition\)\. compute runs a system without \/etc\/os-release\. .*knows debian-12, /,
    );
  });

  it("has disks by UUID, what fstab would mount, and the exports, but nothing of the system's or of pods", () => {
    const { storage, compute } = machinesOf(...HOMELAB);
    assert.deepEqual(storage?.mounts, {
      "/srv/media": { source: { uuid: "6e9f1a3c-0000-4000-8000-000000000001" }, type: "ext4" },
    });
    assert.deepEqual(storage.exports, {
      "/srv/media": {},
      "/srv/other": { readOnly: false, clients: ["192.168.8.62/32"] },
    });
    assert.deepEqual(compute?.mounts, {
      "/mnt/media": {
        source: { nfs: { server: "192.168.8.61", path: "/srv/media" } },
        type: "nfs4",
      },
      "/mnt/storage": { source: { label: "big" }, type: "xfs" },
    });
  });

  it("suspends who can, switches off who cannot, and names the BMC with a secret of its own", () => {
    const { master, storage, compute } = machinesOf(...HOMELAB);
    assert.equal(master?.power, undefined);
    assert.deepEqual(storage?.power, { mode: "sleeps" });
    assert.deepEqual(compute?.power, { mode: "sleeps", method: "poweroff", wakeTimeout: "10m" });
    assert.deepEqual(compute.bmc, {
      ...{
        address: "192.168.8.60",
        mac: "02:00:00:00:08:60",
        passwordSecret: "bmcPasswordCompute",
      },
    });
    assert.deepEqual([compute.os, compute.sshPort], ["rhel-10", 2222]);
  });

  it("has one LAN, with the router of the LAN's own NIC", () => {
    assert.deepEqual(compose(HOMELAB).lan, {
      ...{ cidr: "192.168.8.0/24", gateway: "192.168.8.1", broadcast: "192.168.8.255" },
    });
    const elsewhere = JSON.stringify([
      {
        ifname: "e",
        address: "00:00:00:00:00:01",
        addr_info: [{ local: "192.168.8.61", prefixlen: 16 }],
      },
    ]);
    assert.throws(
      () => compose([seen(0), seen(1, { addresses: elsewhere })]),
      /different networks \(master 192\.168\.8\.0\/24, storage 192\.168\.0\.0\/16\)/,
    );
    assert.throws(
      () => compose([seen(0, { addresses: "[]" })]),
      /none of its interfaces has this address \(NAT\?\)/,
    );
    const local = { name: "here", address: "127.0.0.1" };
    assert.throws(
      () => compose([seen(0, {}, local)]),
      /here answers at 127\.0\.0\.1, but none of its interfaces/,
    );
    assert.throws(() => compose([seen(1)]), /None of the machines is a control plane/);
  });

  it("asks the router for names where a machine knows no other server", () => {
    assert.deepEqual(machinesOf(seen(0, { resolv: "nameserver 127.0.0.53" })).master?.dns, [
      "192.168.8.1",
    ]);
  });
});

describe("the file that init writes", () => {
  const text = render(HOMELAB, ["apps.jellyfin.machine=storage", "power.idleAfter=3h"]);

  it("contains what was composed and what was set, and has no mistake", () => {
    const { config } = z.object({ config: z.record(z.string(), z.unknown()) }).parse(parse(text));
    const composed = compose(HOMELAB);
    const settings = ["apps.jellyfin.machine=storage", "power.idleAfter=3h"].map(parseSetting);
    const expected = renderConfig({ composed, stack: "mine", origin: "", settings });
    const check = (layers: Iterable<readonly [string, unknown]>) => {
      const values = [...layers].map(
        ([key, value]) => [key.replace("vmstation:", ""), value] as const,
      );
      return checkConfig({ values: Object.fromEntries(values), secretKeys: [] });
    };
    const { site, problems } = check(Object.entries(config));
    assert.deepEqual(problems, []);
    assert.deepEqual(site?.config, check(expected).site?.config);
    for (const derived of ["broadcast", "timeServer", "logServer"])
      assert.doesNotMatch(text, new RegExp(derived));
    assert.equal(site?.config.lan.timeZone, "Europe/Berlin");
    assert.equal(site.config.power.idleAfter, 10_800);
  });

  it("describes each machine in comments: what it is, what else was found, and what to decide", () => {
    for (const line of [
      "    # Red Hat Enterprise Linux 10.0 (Coughlan), 4 cores, 16 GiB, OptiPlex 3050",
      "    # enp2s0 says that a magic packet cannot wake it (Supports Wake-on: d)",
      '    # /dev/sdc1 (ext4, 2.0 TiB) is not mounted; to mount it, use source: { uuid: "99" }',
      "    # /srv/other is exported to 192.168.8.62(rw) nas.lan(ro) today; here only the LAN may use NFS",
      "    # A cluster runs on master (/etc/kubernetes/admin.conf): refuse stops there, adopt keeps it and manages it",
    ]) {
      assert.ok(text.split("\n").includes(line), `${line}\n${text}`);
    }
    assert.doesNotMatch(text, /sdb1/);
  });

  it("keeps what a machine said within its comment, with any characters", () => {
    const problem = "a label\u001b[31m with a \u009b code";
    const written = render([seen(0, { problem })]);
    assert.doesNotMatch(written, /[\u001b\u009b]/);
    assert.match(written, /^ {4}# could not be read: a label\\x1b\[31m with/m);
  });

  it("quotes what some readers of YAML take for a number", () => {
    assert.match(text, /mac: "00:00:00:00:00:63"/);
    assert.match(text, /\{ uuid: "6e9f1a3c-0000-4000-8000-000000000001" \}/);
  });
});

describe("a look at a machine", () => {
  it("that was cut off is none", () => {
    const whole = lookOutput("63");
    assert.notEqual(parseFacts(whole), undefined);
    for (const cut of [0, 10, whole.length - 2])
      assert.equal(parseFacts(whole.slice(0, cut)), undefined);
  });

  it("that found little says so by leaving it out", () => {
    const facts = parseFacts("os\tdebian 12\nend\tok\n");
    assert.deepEqual(
      [facts?.mounts, facts?.addresses, facts?.canSuspend, facts?.bmc, facts?.cores],
      [[], [], false, undefined, undefined],
    );
  });
});
