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

  it("stays off after a boot: units that start it are masked, units that swap by themselves are disabled", () => {
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
    const swapsOf = (file: string): string =>
      spawnSync("findmnt", ["--tab-file", file, "-t", "swap", "-nro", "SOURCE"], {
        encoding: "utf8",
      }).stdout;
    const { cases, seed } = generate(files, 40);
    const paths = cases.map((text, i) => {
      box.write(`fstab-${i}`, text);
      return box.at(`fstab-${i}`);
    });
    const before = paths.map(swapsOf);
    assert.ok(before.some((swaps) => swaps !== "") && before.includes(""), `seed ${seed}`);
    // Each is looked at, done twice, and undone: all in one shell, as what takes time is to start one.
    const script = `STATE='${box.root}' WORK='${box.root}'
      ${KERNEL.replaceAll("/etc/fstab", '"$FSTAB"')}
      mark_pending() { echo changed; }
      drift() { echo "$3"; }
      on_change() { :; }
      install_like() { cp "$1" "$2"; }
      while read -r FSTAB; do
        for VERB in check apply apply; do echo "$VERB: $(ensure_fstab_without_swap)"; done
        cp "$FSTAB" "$FSTAB.applied"
        VERB=remove
        ensure_fstab_without_swap >/dev/null
      done`;
    const input = paths.map((each) => `${each}\n`).join("");
    const ran = spawnSync("sh", ["-euc", script], { input, encoding: "utf8" });
    const said = ran.stdout.split("\n");
    for (const [i, text] of cases.entries()) {
      const swaps = before[i] !== "";
      const hint = `seed ${seed}: ${JSON.stringify(text)}${ran.stderr}`;
      assert.deepEqual(
        said.slice(3 * i, 3 * i + 3),
        [`check: ${swaps ? "names swap" : ""}`, `apply: ${swaps ? "changed" : ""}`, "apply: "],
        hint,
      );
      assert.equal(swapsOf(`${paths[i] ?? ""}.applied`), "", hint);
      assert.equal(box.read(`fstab-${i}`), text, hint);
    }
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

  /** In a network of their own, one case after the other in one shell: what is wrong with each, a line. */
  function inNamespace(cases: readonly Readonly<Record<string, string>>[]): string[] {
    cases.forEach((values, i) => {
      const pairs = Object.entries(values).map(([key, value]) => [key, value.trim()] as const);
      box.write(`wanted-${i}`, pairs.map((pair) => `${pair.join(" ")}\n`).join(""));
      box.write(`conf-${i}`, pairs.map((pair) => `${pair.join(" = ")}\n`).join(""));
    });
    const script = `STATE='${box.at("state")}' WORK='${box.at("work")}' STEP=kernel
      mkdir -p "$STATE" "$WORK"
      ${KERNEL}
      say() { echo "$*" >>"$WORK/said"; }
      fail() { echo "$1"; }
      drift() { echo "drift: $*"; }
      install_file() { cp "$1" "$2"; }
      i=0
      while [ -e '${box.root}'/wanted-$i ]; do
        SYSCTLS=$(cat '${box.root}'/wanted-$i)
        found=$(
          for VERB in apply check apply; do
            : >"$WORK/said"
            ensure_sysctls
            fail_refused
          done
          cat "$WORK/said"
          sysctl -n ${Object.keys(PARAMETERS).join(" ")} >"$WORK/ours"
          sysctl -q -p '${box.root}'/conf-$i 2>&1
          sysctl -n ${Object.keys(PARAMETERS).join(" ")} | diff "$WORK/ours" - || :
        )
        printf '%s\\n' "$found" | paste -sd '|'
        i=$((i + 1))
      done`;
    const ran = spawnSync("unshare", ["--net", "sh", "-euc", script], { encoding: "utf8" });
    return (ran.stdout + ran.stderr).split("\n").slice(0, -1);
  }

  it("are what sysctl makes of them; a second look finds no drift, and a second run changes nothing", function () {
    if (spawnSync("unshare", ["--net", "sysctl", "-n", "net.ipv4.ip_forward"]).status !== 0) {
      console.log("    skipped: no network namespace with sysctl can be had");
      this.skip();
    }
    const { cases, seed } = generate(fc.record(PARAMETERS), 12);
    assert.deepEqual(
      inNamespace(cases),
      cases.map(() => ""),
      `seed ${seed}`,
    );
  });
});

describe("the pods' interfaces", () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
  });
  afterEach(() => {
    box.remove();
  });

  it("are not managed by NetworkManager, if it is installed", () => {
    const folder = box.at("NetworkManager/conf.d");
    const file = `${folder}/50-vmstation-pods.conf`;
    const run = (verb: string): Ran => {
      const script = KERNEL.replaceAll("/etc/NetworkManager", box.at("NetworkManager"));
      return box.run(
        {
          ...{ name: "kernel", libraries: ["files"], files: [{ path: file, content: "ours\n" }] },
          script: `${script}\nsystemctl() { echo "$*"; }\nstep() { ensure_unmanaged; }`,
        },
        verb,
      );
    };
    for (const verb of ["apply", "check", "remove"]) {
      const { code, stdout } = run(verb);
      assert.deepEqual([code, stdout, box.exists("NetworkManager")], [0, "", false], verb);
    }
    fs.mkdirSync(folder, { recursive: true });
    assert.match(run("check").stdout, /50-vmstation-pods\.conf/);
    const reload = "try-reload-or-restart NetworkManager.service\n";
    assert.equal(run("apply").stdout, reload);
    assert.equal(fs.readFileSync(file, "utf8"), "ours\n");
    assert.deepEqual([run("apply").stdout, run("check").stdout], ["", ""]);
    assert.equal(run("remove").stdout, reload);
    assert.equal(fs.existsSync(file), false);
  });
});
