import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { run } from "../command";
import type { Machine } from "../machine";
import { MIXED, osOf } from "../machine-spec";
import type { Rig } from "../rig";
import { useRig } from "../use-rig";
import { assertApplied, Lab } from "./lab";

const ROOT = path.join(__dirname, "../../..");

/** What somebody does to a machine by hand, and the difference that has to be seen. */
const DRIFTS: readonly (readonly [
  name: string,
  command: string,
  seen: readonly [string, string],
])[] = [
  [
    "a changed kernel parameter",
    "sysctl -q -w vm.max_map_count=65530",
    ["sysctl", "vm.max_map_count"],
  ],
  [
    "forwarding turned off",
    "sysctl -q -w net.ipv4.ip_forward=0",
    ["sysctl", "net.ipv4.ip_forward"],
  ],
  [
    "an edited sysctl file",
    "echo 'vm.swappiness = 99' >> /etc/sysctl.d/99-zz-vmstation.conf",
    ["file", "/etc/sysctl.d/99-zz-vmstation.conf"],
  ],
  [
    "a deleted modules file",
    "rm /etc/modules-load.d/vmstation.conf",
    ["file", "/etc/modules-load.d/vmstation.conf"],
  ],
  ["another host name", "hostname intruder", ["hostname", "hazel"]],
  ["edited names", "sed -i 's/10.213.0.63/10.213.0.99/' /etc/hosts", ["block", "/etc/hosts"]],
  [
    "another time zone",
    "ln -sf /usr/share/zoneinfo/Asia/Tokyo /etc/localtime",
    ["time-zone", "UTC"],
  ],
  [
    "a removed package",
    "dpkg --remove --force-depends nfs4-acl-tools",
    ["package", "nfs4-acl-tools"],
  ],
  ["another removed package", "dpkg --remove --force-depends ethtool", ["package", "ethtool"]],
  [
    "an edited chrony.conf",
    "sed -i 's/prefer//' /etc/chrony/chrony.conf",
    ["file", "/etc/chrony/chrony.conf"],
  ],
  ["a stopped time service", "systemctl stop chrony", ["unit", "chrony.service"]],
  ["a masked log service", "systemctl mask -q --now rsyslog.service", ["unit", "rsyslog.service"]],
  [
    "an edited forwarding of logs",
    "sed -i 's/10.213.0.63/10.213.0.1/' /etc/rsyslog.d/10-vmstation.conf",
    ["file", "/etc/rsyslog.d/10-vmstation.conf"],
  ],
  [
    "a deleted journal limit",
    "rm /etc/systemd/journald.conf.d/50-vmstation.conf",
    ["file", "/etc/systemd/journald.conf.d/50-vmstation.conf"],
  ],
  [
    "an opened port",
    "nft add rule inet vmstation input tcp dport 8080 accept",
    ["firewall", "table inet vmstation"],
  ],
  [
    "edited firewall rules",
    "sed -i 's/policy drop/policy accept/' /etc/vmstation/firewall.nft",
    ["file", "/etc/vmstation/firewall.nft"],
  ],
  [
    "a firewall that is not started at boot",
    "systemctl disable -q vmstation-firewall",
    ["unit", "vmstation-firewall.service"],
  ],
  [
    "a changed firewall unit",
    "echo '# mine' >> /etc/systemd/system/vmstation-firewall.service",
    ["file", "/etc/systemd/system/vmstation-firewall.service"],
  ],
  [
    "a wrong mode",
    "chmod 0666 /etc/ssh/sshd_config.d/00-vmstation.conf",
    ["file", "/etc/ssh/sshd_config.d/00-vmstation.conf"],
  ],
  [
    "an sshd setting that comes first",
    "echo 'MaxAuthTries 3' > /etc/ssh/sshd_config.d/00-aaa.conf",
    ["sshd", "maxauthtries"],
  ],
  [
    "a wrong owner",
    "chown ops /etc/rsyslog.d/10-vmstation.conf",
    ["file", "/etc/rsyslog.d/10-vmstation.conf"],
  ],
  [
    "a link in a file's place",
    "rm /etc/vmstation/firewall.nft; ln -s /etc/motd /etc/vmstation/firewall.nft",
    ["file", "/etc/vmstation/firewall.nft"],
  ],
];

/** What a person has to take away: the program cannot know whose it is. */
const NOT_OURS = "an sshd setting that comes first";

const report = z.object({
  machines: z.array(
    z.object({
      machine: z.string(),
      status: z.string(),
      sessions: z.number(),
      resources: z.array(
        z.object({
          name: z.string(),
          status: z.string(),
          differences: z.array(
            z.object({ kind: z.string(), name: z.string(), details: z.unknown() }),
          ),
        }),
      ),
    }),
  ),
});

type Report = z.infer<typeof report>;

describe("drift of the machines", () => {
  const getRig = useRig({ machines: MIXED });
  let rig: Rig;
  let lab: Lab;
  let machine: Machine;
  let folder: string;
  let configFile: string;

  const drift = async (
    ...args: string[]
  ): Promise<{ code: number; report: Report; stderr: string }> => {
    const command = ["scripts/vmstation.cjs", "-C", ROOT, "drift", "--stack", "rig"];
    const result = await run(
      process.execPath,
      [...command, "--config-file", configFile, "--json", ...args],
      { anyCode: true, env: { ...process.env, SSH_AUTH_SOCK: rig.agentSocket } },
    );
    return {
      code: result.code,
      report: report.parse(JSON.parse(result.stdout || "{}")),
      stderr: result.stderr,
    };
  };

  const onMachine = ({ machines }: Report, name: string): Report["machines"][number] => {
    const found = machines.find((m) => m.machine === name);
    assert.ok(found);
    return found;
  };

  /** Only what this suite has applied; the cluster's own steps were never here. */
  const own = (found: Report["machines"][number]): Report["machines"][number]["resources"] =>
    found.resources.filter((resource) => resource.name.startsWith("node-"));

  const differences = (found: Report, name: string): string[] =>
    own(onMachine(found, name)).flatMap((r) => r.differences.map((d) => `${d.kind} ${d.name}`));

  before(async function () {
    this.timeout(300_000);
    rig = getRig();
    lab = new Lab(rig);
    machine = rig.machine("hazel");
    folder = mkdtempSync(path.join(tmpdir(), "vmstation-drift-"));
    configFile = path.join(folder, "Pulumi.rig.yaml");
    const document: unknown = parse(
      readFileSync(path.join(__dirname, "../Pulumi.rig.yaml"), "utf8"),
    );
    for (const { name, hostKey, spec } of rig.machines)
      describeIn(document, name, { hostKey, os: osOf(spec) });
    writeFileSync(configFile, stringify(document));
    const result = await lab.up();
    assertApplied(result, lab);
  });

  after(() => {
    lab.remove();
    rmSync(folder, { recursive: true });
  });

  it("is none after an apply, seen by one session for each machine", async () => {
    const { report: found } = await drift();
    for (const { name } of rig.machines) {
      assert.deepEqual(differences(found, name), []);
      assert.equal(onMachine(found, name).sessions, 1);
    }
  });

  it("is seen, each of twenty-two, and nothing is changed by looking", async () => {
    for (const [name, command] of DRIFTS) {
      await machine.exec(command).catch((error: unknown) => {
        throw new Error(`could not make ${name}`, { cause: error });
      });
    }
    const { code, report: found } = await drift("--machine", "hazel");
    const seen = differences(found, "hazel");
    for (const [name, , [kind, what]] of DRIFTS) {
      assert.ok(seen.includes(`${kind} ${what}`), `${name} was not seen: ${seen.join(", ")}`);
    }
    assert.notEqual(code, 0);
    assert.equal((await machine.exec("sysctl -n vm.max_map_count")).stdout.trim(), "65530");
    assert.equal((await machine.exec("hostname")).stdout.trim(), "intruder");
  });

  it("is mended by --fix, and nothing else is touched", async () => {
    // What the power layer brings, which was never applied here, is missing and so mended too.
    const stamp = `stat -c '%n %i' /etc/ssh/ssh_host_ed25519_key /etc/sudoers.d/* | grep -v vmstation-power`;
    const before = (await machine.exec(stamp)).stdout;
    await machine.exec("rm /etc/ssh/sshd_config.d/00-aaa.conf");
    const fixed = await drift("--machine", "hazel", "--fix");
    const statuses = own(onMachine(fixed.report, "hazel")).map((r) => `${r.name} ${r.status}`);
    for (const status of statuses)
      assert.match(status, / (mended|as-described|not-compared)$/, fixed.stderr);
    const again = await drift("--machine", "hazel");
    assert.deepEqual(differences(again.report, "hazel"), []);
    assert.equal((await machine.exec("nft list tables")).stdout.trim(), "table inet vmstation");
    assert.equal(
      (await machine.exec("systemctl is-active rsyslog chrony | sort -u")).stdout.trim(),
      "active",
    );
    assert.equal((await machine.exec("ls -A /var/lib/vmstation/guard")).stdout, "");
    assert.equal((await machine.exec(stamp)).stdout, before);
    assert.ok(DRIFTS.some(([name]) => name === NOT_OURS));
  });

  it("says asleep of a machine that sleeps, and unreachable of one that should answer", async () => {
    await machine.freeze();
    await rig.machine("maple").cutLink();
    const { code, report: found } = await drift();
    await rig.machine("maple").restoreLink();
    await machine.thaw();
    assert.equal(onMachine(found, "hazel").status, "asleep");
    assert.equal(onMachine(found, "maple").status, "unreachable");
    assert.equal(onMachine(found, "spruce").status, "looked-at");
    assert.equal(code, 2);
  });
});

function describeIn(document: unknown, machine: string, facts: object): void {
  const shape = z.object({
    config: z.object({ "vmstation:machines": z.record(z.string(), z.unknown()) }),
  });
  const { config } = shape.parse(document);
  const found: unknown = config["vmstation:machines"][machine];
  // The parsed copy shares its inner objects with the document only where zod did not rebuild them.
  if (typeof found === "object" && found !== null) Object.assign(found, facts);
}
