import assert from "node:assert/strict";
import { Sandbox, type Ran } from "../../support/sandbox";
import { runPreflight, type Change } from "./preflight-machine";

describe("preflight's look at the operating system", () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
  });
  afterEach(() => {
    box.remove();
  });

  const run = (change: Change): Ran => runPreflight(box, change, "apply");

  it("takes what is made of the described system for it, and says that nobody has tested that", () => {
    const release = 'PRETTY_NAME="Raspbian GNU/Linux 12 (bookworm)"\nID=raspbian\nID_LIKE=debian\n';
    const ran = run({ files: { "etc/os-release": `${release}VERSION_ID="12"\n` } });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(
      ran.stderr,
      /Raspbian GNU\/Linux 12 \(bookworm\) is made of Debian 12 \(bookworm\)/,
    );
    const other = run({
      files: {
        "etc/os-release": 'ID=ol\nID_LIKE="fedora"\nVERSION_ID="9.5"\nPLATFORM_ID="platform:el9"\n',
      },
    });
    assert.equal(other.code, 1);
    assert.match(
      other.stderr,
      /found ol 9\.5, expected Debian 12 .*\n.*machines\.sandbox\.os to rhel-9/,
    );
  });

  it("refuses a Raspberry Pi without memory control groups, until they are there", () => {
    const cmdline = "coherent_pool=1M cgroup_disable=memory root=PARTUUID=1-02 rootwait";
    const off = {
      "proc/cmdline": `${cmdline}\n`,
      "sys/fs/cgroup/cgroup.controllers": "cpuset cpu io pids\n",
    };
    const refused = run({ files: off });
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /memory control groups: found cgroup_disable=memory[^]*cgroup_enable=memory/,
    );
    const on = {
      "proc/cmdline": `${cmdline} cgroup_enable=memory cgroup_memory=1\n`,
      "sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory pids\n",
    };
    assert.equal(run({ files: on }).code, 0);
    assert.equal(run({ files: { "proc/cmdline": "root=/dev/sda1 ro quiet\n" } }).code, 0);
  });

  it("warns on Proxmox VE that the firewall closes its ports", () => {
    const ran = run({ files: { "etc/pve/version": "1\n" } });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /Proxmox VE runs here\. The firewall closes its ports \(8006 /);
  });

  it("names Ubuntu's package of further modules where one is missing", () => {
    const change = {
      answers: { modinfo: undefined },
      settings: { EXTRA_MODULES: "linux-modules-extra" },
    };
    assert.match(
      run(change).stderr,
      /to do: install linux-modules-extra-6\.1\.0-41-amd64, or start/,
    );
  });
});
