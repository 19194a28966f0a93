import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { findMergers } from "../../scripts/kit/state/merge";
import type { Rig } from "../rig/rig";
import { listRecorded, readRecorded } from "../support/states/recorded-states";
import type { EngineLab } from "./engine-lab";
import { applyRecorded, fillIn } from "./recorded-machines";
import { useEngine } from "./use-engine";

/** What VMStation has put on a machine and keeps in force, whatever a version writes into it. */
const OURS = `
for file in /etc/vmstation/firewall.nft /etc/systemd/system/vmstation-firewall.service \\
  /etc/ssh/sshd_config.d/00-vmstation.conf /etc/sysctl.d/99-zz-vmstation.conf /etc/modules-load.d/vmstation.conf \\
  /etc/rsyslog.d/10-vmstation.conf /etc/systemd/journald.conf.d/50-vmstation.conf; do
  [ ! -e "$file" ] || echo "$file"
done
nft list table inet vmstation | grep -o 'policy drop'
grep -c 'BEGIN vmstation' /etc/hosts
grep -l -i vmstation /etc/chrony/chrony.conf || :
systemctl is-enabled vmstation-firewall.service
systemctl is-active vmstation-firewall.service rsyslog.service chrony.service
sshd -T | grep -i -e passwordauthentication -e maxauthtries
sysctl -n net.ipv4.ip_forward net.core.somaxconn
hostname
`;

/** Readies machines and state as that version left them. */
async function start(version: string, rig: Rig, lab: EngineLab): Promise<void> {
  const key = readFileSync(rig.sshKeyFile, "utf8");
  await lab.setSecret("sshKey", key);
  lab.set("remote.privateKeySecret=sshKey");
  const recorded = readRecorded(version);
  await applyRecorded(recorded, rig);
  await lab.importState(fillIn(recorded, rig, key));
}

async function look(rig: Rig): Promise<string[]> {
  const seen = await Promise.all(rig.machines.map((machine) => machine.exec(OURS)));
  for (const { stdout } of seen) assert.match(stdout, /policy drop/);
  return seen.map(({ stdout }) => stdout);
}

async function assertGivenBack(rig: Rig): Promise<void> {
  for (const machine of rig.machines) {
    const files = await machine.exec("ls /etc/sysctl.d /etc/ssh/sshd_config.d; nft list tables");
    assert.doesNotMatch(files.stdout, /vmstation/);
    const steps = await machine.exec("ls /var/lib/vmstation/steps 2>/dev/null || :");
    assert.equal(steps.stdout, "");
  }
}

function isFormer(version: string): boolean {
  return findMergers(readRecorded(version).deployment).length > 0;
}

// Each test goes on from what the one before has left.
for (const version of listRecorded()) {
  describe(`a stack that was last applied by version ${version}, by Pulumi's engine`, () => {
    const { rig: getRig, lab: getLab } = useEngine("test/engine/program/machines.ts");
    let rig: Rig;
    let lab: EngineLab;
    let ours: string[] = [];

    before(async () => {
      [rig, lab] = [getRig(), getLab()];
      await start(version, rig, lab);
      ours = await look(rig);
    });

    it("is refused before anything is touched where it has to be carried over", async function () {
      if (!isFormer(version)) return this.skip();
      const state = lab.stateText;
      for (const command of ["preview", "up"]) {
        const { code, output } = await lab.verb(["pulumi", command, "--yes"]);
        assert.equal(code, 2, output);
        assert.match(output, /Nothing was changed\.[^]*vmstation .*migrate --stack rig/);
      }
      assert.equal(lab.stateText, state);
      const { code, output } = await lab.verb(["migrate", "--yes"]);
      assert.equal(code, 0, output);
    });

    it("loses nothing by an update that announces and does no removal", async () => {
      const preview = await lab.preview();
      assert.deepEqual(preview.names("create", "delete", "replace"), []);
      const update = await lab.up();
      assert.ok(update.ok, update.output);
      assert.deepEqual(update.names("create", "delete", "replace"), []);
      assert.deepEqual(update.names("update"), preview.names("update"));
      assert.deepEqual(await look(rig), ours);
    });

    it("has no drift afterwards, and nothing left to do", async () => {
      const again = await lab.up({ expectNoChanges: true });
      assert.ok(again.ok, again.output);
      const { code, output } = await lab.verb(["drift", "--no-cache"], {
        SSH_AUTH_SOCK: rig.agentSocket,
      });
      assert.equal(code, 0, output);
    });

    it("is given back by a destroy", async () => {
      const destroy = await lab.destroy();
      assert.ok(destroy.ok, destroy.output);
      await assertGivenBack(rig);
    });
  });
}

describe("a stack of the version with ten resources for each machine, by plain pulumi up", () => {
  const { rig: getRig, lab: getLab } = useEngine("test/engine/program/machines.ts");
  let rig: Rig;
  let lab: EngineLab;
  let ours: string[] = [];

  before(async () => {
    [rig, lab] = [getRig(), getLab()];
    await start("db8d029", rig, lab);
    ours = await look(rig);
  });

  it("loses nothing, and is told what to do", async () => {
    const update = await lab.up();
    assert.ok(!update.ok);
    assert.match(update.output, /node-hazel-sshd is a resource of an earlier version/);
    assert.match(update.output, /npx vmstation .*migrate --stack rig/);
    assert.ok(update.names("create").includes("node-hazel-access"), update.output);
    assert.deepEqual(await look(rig), ours);
  });

  it("can be carried over then", async () => {
    const { code, output } = await lab.verb(["migrate", "--yes"]);
    assert.equal(code, 0, output);
    const again = await lab.up({ expectNoChanges: true });
    assert.ok(again.ok, again.output);
    assert.deepEqual(await look(rig), ours);
  });
});

describe("a stack of the version with ten resources for each machine, by destroy", () => {
  const { rig: getRig, lab: getLab } = useEngine("test/engine/program/machines.ts");

  it("gives the machines back by the scripts that its state has", async () => {
    const [rig, lab] = [getRig(), getLab()];
    await start("db8d029", rig, lab);
    const { code, output } = await lab.verb(["pulumi", "destroy", "--yes"]);
    assert.equal(code, 0, output);
    await assertGivenBack(rig);
  });

  it("gives them back also where plain pulumi up has made today's resources beside them", async () => {
    const [rig, lab] = [getRig(), getLab()];
    await start("db8d029", rig, lab);
    assert.ok(!(await lab.up()).ok);
    await look(rig);
    const refused = await lab.verb(["pulumi", "destroy", "--yes"]);
    assert.equal(refused.code, 2, refused.output);
    const migrated = await lab.verb(["migrate", "--yes"]);
    assert.equal(migrated.code, 0, migrated.output);
    const { code, output } = await lab.verb(["pulumi", "destroy", "--yes"]);
    assert.equal(code, 0, output);
    await assertGivenBack(rig);
  });

  it("gives them back also between migrate and the first update", async () => {
    const [rig, lab] = [getRig(), getLab()];
    await start("db8d029", rig, lab);
    const migrated = await lab.verb(["migrate", "--yes"]);
    assert.equal(migrated.code, 0, migrated.output);
    await look(rig);
    const { code, output } = await lab.verb(["pulumi", "destroy", "--yes"]);
    assert.equal(code, 0, output);
    await assertGivenBack(rig);
  });
});
