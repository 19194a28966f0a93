import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as fc from "fast-check";
import { readScript, type Step } from "../../../components/remote/step";
import { generate } from "../../support/cases";
import { Sandbox, type Ran } from "../../support/sandbox";
import { SYSTEMCTL } from "../remote/systemctl";

const KERNEL = readScript(__dirname, "../../../components/node/files/kernel.sh");

describe("swap", () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
    box.write("swaps", "Filename\tType\n");
  });
  afterEach(() => {
    box.remove();
  });

  /** Units as systemd lists them: what swaps beside fstab. */
  const LIST = `list_units() { printf '%s\\n' 'dev-sdb.swap enabled enabled' 'dev-zram0.swap generated -' \\
    'zramswap.service enabled enabled'; }
  swapoff() { :; }`;

  const run = (verb: string): Ran => {
    const script = KERNEL.replaceAll("/etc/fstab", box.at("fstab"))
      .replaceAll("/proc/swaps", box.at("swaps"))
      .replace("systemctl list-unit-files", "list_units");
    const step: Step = {
      ...{ name: "kernel", libraries: ["files", "units"] },
      script: `${script}\n${SYSTEMCTL}\n${LIST}\nstep() { ensure_no_swap; }`,
    };
    return box.run(step, verb);
  };

  it("stays off after a boot: what pulls it in is masked, what swaps on by itself is disabled", () => {
    box.write("fstab", "");
    for (const unit of ["dev-sdb.swap", "zramswap.service"]) {
      for (const state of ["enabled", "active"]) {
        fs.mkdirSync(box.at("state"), { recursive: true });
        box.write(`state/${state}-${unit}`, "");
      }
    }
    box.write("state/active-swap.target", "");
    const first = run("apply");
    assert.equal(first.code, 0, first.stderr);
    const said = first.stdout.split("\n");
    for (const line of [
      "mask -q swap.target",
      "stop swap.target",
      ...["disable -q dev-sdb.swap", "stop dev-sdb.swap"],
      ...["disable -q zramswap.service", "stop zramswap.service"],
    ])
      assert.ok(said.includes(line), first.stdout);
    assert.doesNotMatch(first.stdout, /zram0/);
    assert.equal(run("check").stdout, "");
    const again = run("apply");
    assert.doesNotMatch(again.stdout, /mask|disable|stop/);
    assert.equal(run("remove").code, 0);
    assert.ok(box.exists("state/enabled-zramswap.service"));
    assert.ok(box.exists("state/active-dev-sdb.swap"));
    assert.ok(!box.exists("state/masked-swap.target") && box.exists("state/active-swap.target"));
  });

  it("is found in fstab where findmnt finds it, taken out of it, and put back as it was", function () {
    if (spawnSync("findmnt", ["--version"]).status !== 0) {
      console.log("    skipped: no findmnt on the PATH");
      this.skip();
    }
    const blank = fc.constantFrom(" ", "\t", "  ", " \t ");
    const lead = fc.constantFrom("", "", " ", "\t", "  ");
    const source = fc.constantFrom(
      ..."/dev/sda1 UUID=1234-ABCD LABEL=swap PARTUUID=1-2 /swapfile /dev/mapper/vg-swap".split(
        " ",
      ),
      '"/dev/sda1"',
      "LABEL=my\\040swap",
    );
    const line = fc
      .tuple(
        ...[lead, source, blank, fc.constantFrom("none", "swap", "/srv/swap", "/")],
        ...[blank, fc.constantFrom("swap", "swap", "ext4", "swapfs"), blank],
        ...[
          fc.constantFrom("sw", "defaults,pri=5", "noauto", "swap"),
          fc.constantFrom("", " 0 0", "\t0"),
        ],
      )
      .map((parts) => parts.join(""));
    const comment = fc.constantFrom(
      "",
      "# swap was on /dev/sda1",
      "  #/dev/sda1 none swap sw 0 0",
      "\t",
    );
    const files = fc
      .array(fc.oneof(line, comment), { maxLength: 12 })
      .map((lines) => lines.map((each) => `${each}\n`).join(""));
    const swapsOf = (): string =>
      spawnSync("findmnt", ["--tab-file", box.at("fstab"), "-t", "swap", "-nro", "SOURCE"], {
        encoding: "utf8",
      }).stdout;
    const { cases, seed } = generate(files, 6);
    let found = 0;
    for (const fstab of cases) {
      box.write("fstab", fstab);
      const before = swapsOf();
      found += before === "" ? 0 : 1;
      const hint = `seed ${seed}: ${JSON.stringify(fstab)}`;
      const check = run("check").stdout.split("\n");
      assert.equal(
        check.some((each) => each.endsWith("names swap")),
        before !== "",
        hint,
      );
      assert.equal(run("apply").code, 0, hint);
      assert.equal(swapsOf(), "", hint);
      const { mtimeMs } = fs.statSync(box.at("fstab"));
      assert.equal(run("apply").code, 0, hint);
      assert.equal(fs.statSync(box.at("fstab")).mtimeMs, mtimeMs, hint);
      assert.equal(run("remove").code, 0, hint);
      assert.equal(box.read("fstab"), fstab, hint);
    }
    assert.ok(found > 0, `seed ${seed}`);
  });
});

/** Kernel parameters that each network namespace has for itself, and values that the kernel takes there. */
const number = (least: number, most: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.integer({ min: least, max: most }), fc.constantFrom("", "0x", "0", " "))
    .map(([n, style]) =>
      style === "0x" ? `0x${n.toString(16)}` : style === "0" ? `0${n.toString(8)}` : `${style}${n}`,
    );
const gap = fc.constantFrom(" ", "\t", "  ", " \t");
const PARAMETERS = {
  "net.ipv4.tcp_keepalive_time": number(1, 30_000),
  "net.ipv4.tcp_fin_timeout": number(1, 600),
  "net.ipv4.ip_forward": fc.constantFrom("0", "1", "01", " 1"),
  "net.ipv4.ip_local_port_range": fc
    .tuple(number(20_000, 30_000), gap, number(40_000, 60_000))
    .map((parts) => parts.join("")),
  "net.ipv4.tcp_rmem": fc
    .tuple(
      fc.constantFrom("4096", "8192"),
      gap,
      fc.constantFrom("131072", "65536"),
      gap,
      fc.constant("6291456"),
    )
    .map((parts) => parts.join("")),
  "net.ipv4.ip_local_reserved_ports": fc.constantFrom(
    "",
    "8080",
    "8080,8081,8082",
    "9000-9010,9011",
    "30000-32767,8080",
  ),
  "net.ipv4.ping_group_range": fc.constantFrom("1 0", "0\t100", "0  2147483647"),
};

describe("kernel parameters", function () {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
  });
  afterEach(() => {
    box.remove();
  });

  /** In a network of their own: these parameters are then nobody else's. */
  function inNamespace(values: Readonly<Record<string, string>>): string {
    const pairs = Object.entries(values).map(([key, value]) => `${key} ${value.trim()}`);
    const step: Step = {
      ...{ name: "kernel", libraries: ["files"], settings: { SYSCTLS: pairs } },
      script: `${KERNEL}\nstep() { removing || ensure_sysctls; }`,
    };
    const keys = Object.keys(values).join(" ");
    const file = Object.entries(values).map(([key, value]) => `${key} = ${value.trim()}\n`);
    box.write("99-test.conf", file.join(""));
    box.write("step.sh", box.render(step));
    const script = `apply() { sh -eus apply <'${box.at("step.sh")}'; }
      apply >/dev/null 2>&1 || { echo "not applied"; apply 2>&1; }
      sysctl -n ${keys} >'${box.at("ours")}'
      sh -eus check <'${box.at("step.sh")}' || echo "check: $?"
      apply 2>&1
      sysctl -q -p '${box.at("99-test.conf")}' 2>&1
      sysctl -n ${keys} | diff '${box.at("ours")}' - || echo "sysctl itself reads otherwise"`;
    return spawnSync("unshare", ["--net", "sh", "-c", script], { encoding: "utf8" }).stdout;
  }

  it("are what sysctl makes of them; a second look finds no drift, and a second run changes nothing", function () {
    if (spawnSync("unshare", ["--net", "sysctl", "-n", "net.ipv4.ip_forward"]).status !== 0) {
      console.log("    skipped: no network namespace with sysctl can be had");
      this.skip();
    }
    const { cases, seed } = generate(fc.record(PARAMETERS), 4);
    for (const values of cases) {
      assert.equal(inNamespace(values), "", `seed ${seed}: ${JSON.stringify(values)}`);
    }
  });
});
