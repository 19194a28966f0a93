import assert from "node:assert/strict";
import * as fs from "node:fs";
import { renderPreflight } from "../../../components/validation/render-preflight";
import { Sandbox, type Ran } from "../../support/sandbox";
import { args, machine, runPreflight, type Change } from "./preflight-machine";

describe("preflight's look at the operating system", () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
  });
  afterEach(() => {
    box.remove();
  });

  const run = (change: Change): Ran => runPreflight(box, change, "apply");

  it("accepts a derivative of the described system, and says that it is not tested", () => {
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

  it("refuses to let a Raspberry Pi sleep that magic packets alone would wake", () => {
    const files = { "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.5\0" };
    const woken = (WAKES: string) => run({ files, settings: { WAKES } });
    const refused = woken("magic-packet");
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /way to wake it: found magic packets alone, on a Raspberry Pi 4 Model B.*\n.*machines\.sandbox\.power\.mode to always-on/,
    );
    for (const other of ["another-way", ""]) assert.equal(woken(other).code, 0);
    const pc = { files: {}, settings: { WAKES: "magic-packet" } };
    fs.rmSync(box.at("proc/device-tree"), { recursive: true });
    assert.equal(run(pc).code, 0);
  });

  it("refuses a machine of another architecture, and one whose programs have no digest by the keys", () => {
    const ARCHITECTURES = ["x86_64", "aarch64 bootstrap.checksums.arm64.k3s"];
    const as = (ARCHITECTURE: string) => run({ settings: { ARCHITECTURES, ARCHITECTURE } });
    assert.equal(as("x86_64").code, 0);
    assert.match(as("riscv64").stderr, /architecture: found riscv64, expected x86_64 aarch64 for/);
    assert.match(
      as("aarch64").stderr,
      /found aarch64, whose programs have no digest here.*\n.*set vmstation:bootstrap\.checksums\.arm64\.k3s/,
    );
  });

  it("gets for each machine how it is woken", () => {
    const wakes = (name: string) => renderPreflight(machine(name), args).settings?.WAKES;
    assert.deepEqual([wakes("maple"), wakes("spruce")], ["", "magic-packet"]);
    const bmc = { address: "192.168.8.80", user: "a", passwordSecret: "p" };
    const other = { ...machine("spruce"), bmc };
    assert.equal(renderPreflight(other, args).settings?.WAKES, "another-way");
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
