import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as fc from "fast-check";
import { needsNftables } from "../../../components/bootstrap/render-calico";
import { clusterPackages } from "../../../components/bootstrap/operator-facts";
import type { Machine } from "../../../components/node/machine";
import { nodeSteps } from "../../../components/node/steps";
import { renderStdin } from "../../../components/remote/render-stdin";
import { type Step, stepsOf, type Work } from "../../../components/remote/step";
import {
  listKnownSystems,
  namePackages,
  SYSTEM_NAMES,
  type SystemName,
  SYSTEMS,
} from "../../../components/shared/systems";
import { nodeContextOf } from "../../../stacks/node-context";
import { homelabSite } from "../../support/site";
import { withSystems } from "./systems-page";

const ROOT = path.join(__dirname, "../../..");
const FIXTURES = path.join(ROOT, "test/support/fixtures/os-release");
const SCRIPT = path.join(ROOT, "components/remote/files/system.sh");

/** What system.sh says of each file, by one shell for all. */
function recognise(shell: string, files: readonly string[]): string[] {
  const script = `. "${SCRIPT}"\nfor file; do printf '%s\\n' "$(known_system "$file")"; done`;
  const KNOWN_SYSTEMS = listKnownSystems().join("\n");
  const ran = spawnSync(shell, ["-euc", script, shell, ...files], {
    encoding: "utf8",
    env: { ...process.env, KNOWN_SYSTEMS },
  });
  assert.equal(ran.stderr, "");
  return ran.stdout.split("\n").slice(0, files.length);
}

describe("the table of systems", () => {
  it("has every fact of every system, and none that contradicts another", () => {
    for (const name of SYSTEM_NAMES) {
      const system = SYSTEMS[name];
      const { title, chrony, otherFirewalls, interferes } = system;
      assert.equal(`${system.id}-${system.version}`, name);
      assert.ok(title.includes(system.version), title);
      assert.equal(system.packageManager, system.family === "debian" ? "apt-get" : "dnf");
      assert.equal(system.codename === "", system.family === "rhel");
      assert.match(chrony.config, /^\/etc\/.*chrony\.conf$/);
      assert.match(chrony.driftFile, /^\/var\/lib\/chrony\//);
      assert.match(chrony.leapSeconds, /^leaps(ectz right\/UTC|eclist \/)/);
      assert.ok(otherFirewalls.every((unit) => unit.endsWith(".service")));
      assert.ok(otherFirewalls.includes("ufw.service") && interferes.length > 0);
      assert.equal(system.packageNames.iptables === null, !system.hasIptables, name);
    }
    for (const family of ["debian", "rhel"]) {
      const titles = Object.values(SYSTEMS).filter((system) => system.family === family);
      assert.equal(new Set(titles.map(({ title }) => title)).size, titles.length);
    }
  });

  it("gives packages the names of the machine's own system", () => {
    const [need] = [clusterPackages({ all: ["a"], controller: "a", controlPlanes: [] })];
    const named = (name: SystemName) => namePackages(SYSTEMS[name], need[SYSTEMS[name].family]);
    assert.ok(named("debian-13").includes("iptables"));
    assert.ok(named("rocky-9").includes("iptables-nft") && !named("rocky-9").includes("iptables"));
    assert.ok(!named("rhel-10").some((name) => name.startsWith("iptables")));
    assert.deepEqual(namePackages(SYSTEMS["rhel-10"], ["b", "a", "b"]), ["a", "b"]);
  });

  it("stands in the documentation as it is", () => {
    const page = path.join(ROOT, "docs/systems.md");
    const before = fs.readFileSync(page, "utf8");
    if (process.env.WRITE_DOCS !== undefined) fs.writeFileSync(page, withSystems(before));
    const text = fs.readFileSync(page, "utf8");
    assert.equal(text, withSystems(before));
    for (const name of SYSTEM_NAMES) assert.ok(text.includes(`\`${name}\``), name);
  });
});

for (const shell of ["sh", "bash"]) {
  describe(`the system of a machine, by its os-release, under ${shell}`, () => {
    const of = (...names: readonly string[]) =>
      recognise(
        shell,
        names.map((name) => path.join(FIXTURES, name)),
      );

    it("is recognised where it is one that the program knows", () => {
      assert.deepEqual(
        of(...SYSTEM_NAMES),
        SYSTEM_NAMES.map((name) => `${name} exact`),
      );
    });

    it("is near where it is made of one", () => {
      assert.deepEqual(of("raspbian-12", "linuxmint-22", "oracle-9", "centos-stream-10"), [
        "debian-12 near",
        "ubuntu-24.04 near",
        "rhel-9 near",
        "rhel-10 near",
      ]);
    });

    it("is recognised by DEBIAN_CODENAME, no matter what its own version and codename are", () => {
      const folder = fs.mkdtempSync("/tmp/vmstation-os-release-");
      const file = path.join(folder, "lmde");
      try {
        const own = 'ID=linuxmint\nID_LIKE=debian\nVERSION_ID="6"\nVERSION_CODENAME=faye\n';
        fs.writeFileSync(file, `${own}DEBIAN_CODENAME=bookworm\n`);
        assert.deepEqual(recognise(shell, [file]), ["debian-12 near"]);
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    });

    it("is not recognised if it is another system, an older release, or unreadable", () => {
      const others = fs.mkdtempSync("/tmp/vmstation-os-release-");
      const texts = {
        "debian-11": 'ID=debian\nVERSION_ID="11"\nVERSION_CODENAME=bullseye\n',
        "debian-testing": "ID=debian\nVERSION_CODENAME=forky\n",
        "devuan-12": 'ID=devuan\nID_LIKE=debian\nVERSION_ID="12"\nVERSION_CODENAME=other\n',
        "ubuntu-24": 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24"\n',
        "rhel-91": 'ID="rhel"\nID_LIKE="fedora"\nVERSION_ID="91.0"\nPLATFORM_ID="platform:el91"\n',
        amazon: 'ID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\nPLATFORM_ID="platform:al2023"\n',
        empty: "",
        "no-keys": "debian-12\n",
      };
      try {
        for (const [name, text] of Object.entries(texts))
          fs.writeFileSync(path.join(others, name), text);
        const files = Object.keys(texts).map((name) => path.join(others, name));
        const all = recognise(shell, [
          ...["fedora-38", "ubuntu-22.04", "kali-rolling"].map((name) => path.join(FIXTURES, name)),
          ...files,
        ]);
        assert.deepEqual(
          all,
          all.map(() => ""),
        );
      } finally {
        fs.rmSync(others, { recursive: true });
      }
    });
  });
}

describe("a machine of any known system", () => {
  const site = homelabSite();
  const anySystems = fc.array(fc.constantFrom(...SYSTEM_NAMES), { minLength: 3, maxLength: 3 });

  function withSystemsOf(names: readonly SystemName[]): { machines: Machine[]; works: Work[][] } {
    const context = nodeContextOf(site);
    const machines = site.machines.map((machine, i) => ({
      ...machine,
      os: names[i % names.length] ?? machine.os,
    }));
    const works = machines.map((machine) => nodeSteps(machine, { ...context, machines }));
    return { machines, works };
  }

  const stepOf = (works: readonly Work[] | undefined, name: string): Step => {
    const found = works?.flatMap(stepsOf).find((step) => step.name === name);
    assert.ok(found, name);
    return found;
  };

  it("gets steps with its own facts, no matter what the other machines run", () => {
    fc.assert(
      fc.property(anySystems, (names) => {
        const { machines, works } = withSystemsOf(names);
        machines.forEach((machine, i) => {
          const system = SYSTEMS[machine.os];
          const time = stepOf(works[i], "time");
          assert.equal(time.settings?.CHRONY_UNIT, system.chrony.unit);
          assert.equal(time.files?.[0]?.path, system.chrony.config);
          assert.ok(time.files[0].content.includes(`\n${system.chrony.leapSeconds}\n`));
          const [sshd = ""] = (stepOf(works[i], "sshd").files ?? []).map(({ content }) => content);
          assert.equal(sshd.includes("PerSourcePenalty"), system.hasSshPenalties);
          const firewall = stepOf(works[i], "firewall");
          assert.deepEqual(firewall.settings?.OTHER_FIREWALLS, system.otherFirewalls);
          const packages = String(stepOf(works[i], "packages").settings?.PACKAGES);
          assert.equal(packages.includes("nfs-utils"), system.family === "rhel");
          assert.doesNotMatch(JSON.stringify(works[i]), /undefined|\[object/);
        });
        const lacks = names.some((name) => !SYSTEMS[name].hasIptables);
        assert.equal(needsNftables({ machines }), lacks);
      }),
      { numRuns: 40 },
    );
  });

  it("gets scripts that its shell can read", () => {
    for (const name of SYSTEM_NAMES) {
      const { works } = withSystemsOf([name]);
      const input = (works[0] ?? [])
        .map((work) => renderStdin(work, { machine: "m", lockSeconds: 60 }))
        .join("\n");
      const { status, stderr } = spawnSync("sh", ["-n"], { input, encoding: "utf8" });
      assert.deepEqual({ status, stderr }, { status: 0, stderr: "" }, name);
    }
  });
});
