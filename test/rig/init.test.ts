import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { checkConfig } from "../../stacks/check";
import { renderProblems } from "../../stacks/errors";
import type { StackConfig } from "../../stacks/schema";
import { run, type CommandResult } from "./command";
import type { Rig } from "./rig";
import { useRig } from "./use-rig";

const ROOT = path.join(__dirname, "../..");

const INVENTORY = `
[kube_control_plane]
maple ansible_host=10.213.0.63

[etcd:children]
kube_control_plane

[kube_node]
spruce ansible_host=10.213.0.61
hazel          ansible_host=10.213.0.62   # the compute node

[k8s_cluster:children]
kube_control_plane
kube_node

[k8s_cluster:vars]
ansible_user=ops
`;

/** What no look at a machine tells: what its owner wants, and what a container cannot have. */
const WANTED = [
  "remote.dialTimeout=3s",
  "node.ntpPool=[10.213.0.1]",
  "node.modules=[]",
  "node.sysctl={ net.core.netdev_max_backlog: null }",
  "apps.jellyfin.machine=spruce",
  'validation.preflight={ kernel: "4.19", memory: 1G, rootDisk: 10G, varDisk: 1G }',
];

const file = z.object({ config: z.record(z.string(), z.unknown()) });

/** A file's configuration with every default filled in: what the program sees of it. */
function read(configFile: string): StackConfig {
  const { config } = file.parse(parse(readFileSync(configFile, "utf8")));
  const values = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("vmstation:", ""), value]),
  );
  const { site, problems } = checkConfig({ values, secretKeys: [] });
  if (site === undefined) throw new Error(renderProblems(configFile, problems));
  return site.config;
}

describe("init on the rig's machines", () => {
  const getRig = useRig();
  let rig: Rig;
  let folder: string;
  const written = (): string => path.join(folder, "Pulumi.rig.yaml");

  const init = (...args: string[]): Promise<CommandResult> =>
    run(
      process.execPath,
      [
        ...[path.join(ROOT, "scripts/vmstation.cjs"), "-C", folder, "init", "--stack", "rig"],
        ...["--from", path.join(folder, "inventory.ini")],
        ...["--sleeps", "spruce", "--sleeps", "hazel"],
        ...WANTED.flatMap((setting) => ["--set", setting]),
        ...args,
      ],
      { anyCode: true, env: { ...process.env, SSH_AUTH_SOCK: rig.agentSocket } },
    );

  const logins = async (name: string): Promise<number> => {
    const { stdout } = await rig
      .machine(name)
      .exec("journalctl -q -o cat -t sshd --grep '^Accepted publickey for ops' | wc -l", {
        anyCode: true,
      });
    return Number(stdout);
  };

  before(() => {
    rig = getRig();
    folder = mkdtempSync(path.join(tmpdir(), "vmstation-init-"));
    copyFileSync(path.join(ROOT, "Pulumi.yaml"), path.join(folder, "Pulumi.yaml"));
    writeFileSync(path.join(folder, "inventory.ini"), INVENTORY);
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("logs in nowhere before somebody has compared the host keys", async () => {
    const { code, stderr } = await init();
    assert.equal(code, 2, stderr);
    for (const { name } of rig.machines) {
      assert.match(stderr, new RegExp(`^ +${name} +SHA256:`, "m"));
      assert.equal(await logins(name), 0);
    }
  });

  it("writes, of one session with each machine that changes nothing there, the hand-written file", async () => {
    for (const { name } of rig.machines) await rig.machine(name).exec("touch /run/before-init");
    const { code, stdout, stderr } = await init("--yes");
    assert.equal(code, 0, stderr);
    const expected = read(path.join(__dirname, "Pulumi.rig.yaml"));
    for (const machine of rig.machines) {
      const { stdout: total } = await machine.exec("awk '/^MemTotal/ {print $2}' /proc/meminfo");
      // The hand-written file leaves these two to its user.
      Object.assign(expected.machines[machine.name] ?? {}, {
        hostKey: machine.hostKey,
        memory: Math.floor(Number(total) / 1024) * 2 ** 20,
      });
      assert.equal(await logins(machine.name), 1);
      // Sudo leaves a note of its own in the home folder; systemd keeps its timers' times.
      const changed =
        "find /etc /usr /var/lib /home -xdev -newer /run/before-init -type f " +
        "! -name .sudo_as_admin_successful ! -path '/var/lib/systemd/timers/*'";
      assert.equal((await machine.exec(changed)).stdout, "", machine.name);
    }
    assert.deepEqual(read(written()), expected, stdout);
  });

  it("has a plan without an error, and leaves nothing open", async () => {
    const { stdout } = await run(process.execPath, [
      ...[path.join(ROOT, "scripts/vmstation.cjs"), "-C", ROOT, "plan", "--stack", "rig"],
      ...["--config-file", written(), "--json"],
    ]);
    const plan = z.object({ resources: z.array(z.unknown()), warnings: z.array(z.unknown()) });
    const { resources, warnings } = plan.parse(JSON.parse(stdout));
    assert.ok(resources.length > 50);
    assert.deepEqual(warnings, []);
  });

  it("replaces a file only when it is told to, and keeps it then", async () => {
    const before = readFileSync(written(), "utf8");
    writeFileSync(written(), `${before}# mine\n`);
    const refused = await init("--yes");
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /exists already\. --force replaces it/);
    const shown = await init("--yes", "--dry-run");
    assert.equal(shown.stdout, before);
    assert.match(readFileSync(written(), "utf8"), /# mine\n$/);
    const forced = await init("--yes", "--force");
    const [, backup = ""] = /\(copy of the old file: (.*)\)/.exec(forced.stdout) ?? [];
    assert.equal(readFileSync(backup, "utf8"), `${before}# mine\n`);
    assert.equal(readFileSync(written(), "utf8"), before);
  });

  it("says of every machine at once what keeps it from looking", async () => {
    await rig.machine("hazel").exec("mv /etc/sudoers.d /etc/sudoers.off");
    await rig.machine("spruce").exec("mv /home/ops/.ssh /home/ops/.off");
    const { code, stderr } = await init("--yes", "--dry-run");
    await rig.machine("hazel").exec("mv /etc/sudoers.off /etc/sudoers.d");
    await rig.machine("spruce").exec("mv /home/ops/.off /home/ops/.ssh");
    assert.equal(code, 2);
    assert.match(stderr, /^hazel: ops needs sudo without a password .*going-live\.md#sudo$/m);
    assert.match(stderr, /^spruce: the login as ops at 10\.213\.0\.61/m);
  });
});
