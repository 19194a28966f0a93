import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { BackupLab, PASSWORD } from "./backup/lab";
import type { Machine } from "./machine";
import type { Rig } from "./rig";
import { useRig } from "./use-rig";

describe("backups", () => {
  const getRig = useRig();
  let rig: Rig;
  let lab: BackupLab;
  let control: Machine;

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    const log = "journalctl --no-pager -o cat -n 40 -u 'vmstation-*' -u etcd";
    console.log((await control.exec(log, { anyCode: true })).stdout);
  });

  before(async function () {
    this.timeout(300_000);
    rig = getRig();
    lab = new BackupLab(rig);
    control = lab.control;
    await lab.prepare();
    await lab.put("/registry/pods/default", 40);
  });

  it("are prepared by the layer's steps, which find nothing to change afterwards", async () => {
    const key = await lab.power.perform(control, lab.controller(), "apply");
    assert.match(key, /^ssh-ed25519 \S+ vmstation backups on maple\n$/);
    const steps = lab.steps(key);
    for (const [machine, step] of steps) await lab.power.perform(machine, step, "apply");
    for (const [machine, step] of steps) {
      const found = await lab.power.perform(machine, step, "check");
      assert.equal(found, "", `${step.name} on ${machine.name}`);
    }
    const timers = await control.exec(
      "systemctl list-timers --no-legend --plain 'vmstation-backup*'",
    );
    assert.equal(timers.stdout.trim().split("\n").length, 3);
    assert.equal((await control.exec("stat -c %a /etc/vmstation/backup/password")).stdout, "600\n");
  });

  it("of etcd are taken by the unit, compared with a scratch etcd, and reported", async () => {
    const { stderr } = await lab.backup("start etcd");
    assert.match(stderr, /etcd: a scratch etcd holds all 40 keys\n/);
    assert.match(stderr, /\ncontrol-plane: done: \d+ bytes/);
    const metrics = (
      await control.exec("cat /var/lib/node_exporter/textfile_collector/vmstation-backup.prom")
    ).stdout;
    assert.match(metrics, /^vmstation_backup_failed\{set="etcd",backup="etcd"\} 0$/m);
    assert.match(metrics, /^vmstation_backup_size_bytes\{set="etcd",backup="etcd"\} \d+$/m);
  });

  it("bring every key back after etcd was wiped, and keep what was there", async () => {
    const before = await lab.keys();
    await control.exec("systemctl stop etcd && rm -rf /var/lib/etcd && systemctl start etcd");
    assert.equal(await lab.keys(), "");
    const { stderr } = await lab.backup("restore etcd", { anyCode: true });
    assert.match(
      stderr,
      /etcd holds all 40 keys again; what was there before is in \/var\/lib\/etcd\.before-/,
    );
    assert.equal(await lab.keys(), before);
    assert.equal(
      (await control.exec("ls /etc/kubernetes/manifests")).stdout,
      "kube-apiserver.yaml\n",
    );
    assert.equal(
      (await control.exec("ls -d /var/lib/etcd.before-*/member")).stdout.split("\n").length,
      2,
    );
    await lab.put("/registry/pods/later", 2);
  });

  it("that are corrupted or truncated are refused, and etcd goes on as it is", async () => {
    const before = await lab.keys();
    for (const damage of [
      'printf XXXX | dd of="$file" bs=1 seek=20 conv=notrunc status=none',
      'truncate -s 100 "$file"',
    ]) {
      const mend = await lab.damage(
        `find /srv/backups/vmstation/etcd/data -type f | while read -r file; do chmod 600 "$file"; ${damage}; done`,
      );
      const { code, stderr } = await lab.backup("restore etcd", { anyCode: true });
      assert.equal(code, 1);
      assert.match(stderr, /is damaged and was not used/);
      assert.equal((await lab.backup("check", { anyCode: true })).code, 1);
      await mend();
    }
    assert.equal(await lab.keys(), before);
    assert.equal((await control.exec("systemctl is-active etcd")).stdout, "active\n");
  });

  it("that are killed leave the ones before whole, and the next one goes on", async () => {
    const taken = async (): Promise<string[]> =>
      (await lab.backup("list notes")).stdout.split("\n").filter((line) => line !== "");
    await lab.backup("run notes");
    const [before = ""] = await taken();
    assert.match(before, /^\S+Z {2}[0-9a-f]{8} {2}apps {2}notes$/);
    await control.exec("head -c 200M /dev/urandom >/srv/notes/big");
    const killed = await control.exec(
      "vmstation-backup run notes & pid=$!; " +
        "until ls /srv/backups/vmstation/apps/locks | grep -q .; do :; done; " +
        "pkill -KILL -P $pid; kill -KILL $pid; wait $pid",
      { anyCode: true },
    );
    assert.equal(killed.code, 137);
    await control.exec("rm /srv/notes/big");
    assert.deepEqual(await taken(), [before]);
    await lab.backup("run notes");
    assert.deepEqual((await taken()).slice(1), [before]);
    await lab.restic("apps", "check --read-data");
  });

  it("are kept by count and by age", async () => {
    const taken = async (): Promise<string[]> =>
      (await lab.backup("list etcd")).stdout.split("\n").filter((line) => line.endsWith("  etcd"));
    const days = async (): Promise<string[]> =>
      (await taken()).map((line) => line.slice(0, 10)).sort();
    const before = (await taken()).map((line) => line.split(/ +/)[1]);
    await lab.restic("etcd", `forget -q ${before.join(" ")}`);
    for (const day of ["01", "02", "03"]) {
      const file = `--time '2026-01-${day} 00:00:00' --host rig --tag set=etcd --tag item=etcd /etc/hostname`;
      await lab.restic("etcd", `backup -q ${file}`);
    }
    const today = new Date().toISOString().slice(0, 10);
    await lab.backup("run etcd");
    assert.deepEqual(await days(), ["2026-01-03", today], "the newest two, however old");
    await lab.backup("run etcd");
    await lab.backup("run etcd");
    assert.deepEqual(await days(), [today, today, today], "all of the last hour, however many");
  });

  it("of a machine that sleeps are taken by waking it, which is then let go", async () => {
    await lab.sleeper.freeze();
    await lab.sleeper.waitForState("asleep");
    const seen = rig.magicPackets.length;
    const { stderr } = await lab.backup("start apps");
    assert.match(stderr, /waking hazel, unless it is awake\n/);
    assert.match(stderr, /\nminecraft: done: \d+ bytes/);
    assert.ok(rig.magicPackets.length > seen);
    const power = (await control.exec("vmstation-power-state.sh --json")).stdout;
    assert.match(power, /"holds": \[\]/);
  });

  it("of another machine come back there, and what was there stays beside them", async () => {
    await lab.sleeper.exec("echo griefed >/srv/world/region.mca");
    await lab.backup("restore minecraft");
    assert.equal((await lab.sleeper.exec("cat /srv/world/region.mca")).stdout, "blocks\n");
    assert.equal(
      (await lab.sleeper.exec("cat /srv/world.before-*/region.mca")).stdout,
      "griefed\n",
    );
  });

  it("of apps of the stack's file, of each kind, come back whole where the folder was lost", async () => {
    // Or the controller sends it to sleep again before all is looked at.
    await control.exec("vmstation-hold.sh hazel --for 10m --why rig");
    await control.exec("vmstation-wake.sh hazel --why rig");
    for (const app of lab.apps) await lab.runPod(app);
    for (const app of lab.apps) {
      const before = await app.look();
      await app.machine.exec(`rm -r ${app.folder}`);
      await lab.makeFolders(app, "apply");
      const { stderr } = await lab.backup(`restore ${app.name}`);
      assert.equal(await app.look(), before, app.name);
      assert.match(before, /^items d 1000:1000 755 $/m);
      assert.match(before, /\('robin',\)/);
      assert.match(stderr, new RegExp(`^restarted the pods of ${app.name}$`, "m"));
      const left = lab.apps.slice(lab.apps.indexOf(app) + 1).map(({ name }) => name);
      assert.deepEqual(await lab.power.list("pod"), left, "only its own pods");
      assert.equal(await lab.makeFolders(app, "check"), "", "as its frame wants it");
    }
    await control.exec("vmstation-release.sh hazel --why rig");
  });

  it("are read back while the machine that they are of sleeps, which is not woken for it", async () => {
    // Nothing holds it awake any more.
    await lab.sleeper.waitForState("asleep", 90_000);
    const seen = rig.magicPackets.length;
    const { stderr } = await lab.backup("check");
    assert.match(stderr, /etcd: the repository is sound, 100% of its data read/);
    assert.match(stderr, /minecraft: 2 files and folders can be read back/);
    assert.equal(rig.magicPackets.length, seen);
    assert.equal(lab.sleeper.state, "asleep");
  });

  it("are fetched by a key that does nothing else", async () => {
    const ssh =
      "ssh -F none -i /etc/vmstation/backup/key -o BatchMode=yes -o IdentitiesOnly=yes " +
      `-o UserKnownHostsFile=/etc/vmstation/backup/known_hosts vmstation-backup@${lab.sleeper.address}`;
    // Or the controller sends it to sleep again before it is asked.
    await control.exec("vmstation-hold.sh hazel --for 10m --why rig");
    await control.exec("vmstation-wake.sh hazel --why rig");
    const unknown = await control.exec(`${ssh} 'archive notes'`, { anyCode: true });
    assert.deepEqual([unknown.code, unknown.stdout], [1, ""], unknown.stderr);
    for (const command of ["id", "verify", "archive --help"]) {
      const other = await control.exec(`${ssh} '${command}'`, { anyCode: true });
      assert.deepEqual([other.code, other.stdout], [1, ""], `${command}: ${other.stderr}`);
    }
    const elsewhere = await control.exec(`${ssh} 'extract /root'`, { anyCode: true });
    assert.deepEqual([elsewhere.code, elsewhere.stdout], [2, ""], elsewhere.stderr);
    await control.exec("vmstation-release.sh hazel --why rig");
  });

  it("are taken and put in place by an operator's verbs, who names the cluster", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "vmstation-backup-"));
    const file = path.join(folder, "Pulumi.rig.yaml");
    lab.writeConfig(file);
    const taken = await lab.verb(["backup", "etcd"], file);
    assert.equal(taken.code, 0, taken.stderr);
    assert.match(taken.stderr, /a scratch etcd holds all 42 keys/);
    assert.match(taken.stdout, /^etcd +\S+Z +\d+ KiB, .* of it new/);
    const listed = await lab.verb(["backup", "etcd", "--list"], file);
    assert.match(listed.stdout, /^TIME +SNAPSHOT +SET +WHAT\n/);
    const before = await lab.keys();
    await lab.etcdctl("del /registry --prefix");
    const other = await lab.verb(["restore", "etcd", "--yes", "homelab"], file);
    assert.match(other.stderr, /The cluster of this stack is called rig/);
    assert.equal(await lab.keys(), "");
    const restored = await lab.verb(["restore", "etcd", "--yes", "rig"], file);
    assert.equal(restored.code, 0, restored.stderr);
    assert.equal(await lab.keys(), before);
    for (const { stdout, stderr } of [taken, listed, other, restored])
      assert.ok(!`${stdout}${stderr}`.includes(PASSWORD));
    rmSync(folder, { recursive: true });
  });

  it("show their password to nobody", async () => {
    const places =
      "/etc/vmstation/backup.json /var/lib/vmstation /run/vmstation-backup /var/lib/node_exporter";
    const found = await control.exec(`grep -rl ${PASSWORD} ${places}`, { anyCode: true });
    const journal = await control.exec(`journalctl --no-pager | grep -c ${PASSWORD}`, {
      anyCode: true,
    });
    assert.deepEqual([found.stdout, journal.stdout], ["", "0\n"]);
  });

  // docs/backup.md, "The control plane is lost", but for what Kubespray does there.
  it("bring the cluster's state back after the control plane and its disk were lost", async () => {
    const before = await lab.keys();
    const authority = "sha256sum /etc/ssl/etcd/ssl/ca.pem";
    const trusted = (await control.exec(authority)).stdout;
    await lab.backup("run etcd");
    const input = (await control.exec("tar -C /srv/backups -c vmstation/etcd | base64 -w 0"))
      .stdout;
    await control.reset();
    await control.exec("mkdir -p /srv/backups && base64 -d | tar -x -C /srv/backups", { input });
    await control.exec(
      "apt-get -qq update && apt-get -qq install restic >/dev/null; umask 077; cat >/root/password; " +
        "restic --repo /srv/backups/vmstation/etcd --password-file /root/password --no-cache " +
        "restore latest --tag item=control-plane --target /",
      { input: PASSWORD },
    );
    assert.equal((await control.exec(authority)).stdout, trusted);
    await lab.installEtcd();
    assert.equal(await lab.keys(), "");
    for (const [machine, step] of lab.controllerSteps())
      await lab.power.perform(machine, step, "apply");
    await lab.backup("restore etcd");
    assert.equal(await lab.keys(), before);
  });
});
