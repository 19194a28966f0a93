import assert from "node:assert/strict";
import type { Machine } from "../machine";
import { MIXED } from "../machine-spec";
import type { Rig } from "../rig";
import { useRig } from "../use-rig";
import { waitFor } from "../wait";
import { assertApplied, Lab } from "./lab";
import { WaitingClients } from "./waiting-client";

const PARTS = ["system", "access", "confirm", "ready"];

/** Everything that a second apply could have touched: files by inode and time, units by start. */
const FINGERPRINT = `
find /etc /usr/local /var/lib/vmstation -xdev -type f -printf '%p %i %T@ %m %u\\n' | sort
systemctl list-units --type=service --state=active --no-legend --plain | awk '{print $1}' | sort |
  while read -r unit; do echo "$unit $(systemctl show -p ActiveEnterTimestampMonotonic --value "$unit")"; done
`;

// What systemd starts by itself, by time or by log-in, whether or not we are there.
const TRANSIENT =
  /^(user|user-runtime-dir|run-|systemd-tmpfiles|systemd-hostnamed|systemd-timedated|apt-|dpkg-|man-db|logrotate|e2scrub|fstrim)/;

function stable(fingerprint: string): string[] {
  return fingerprint.split("\n").filter((line) => !TRANSIENT.test(line));
}

/** Listens on a TCP port until the machine is reset, and returns once it does. */
async function listen(machine: Machine, port: number): Promise<void> {
  const server = `systemd-run -q --collect --unit=rig-listen-${port} python3 -m http.server ${port}`;
  const listens = `ss -Hltn sport = :${port}`;
  const { stdout } = await machine.exec(listens);
  if (stdout.trim() === "") await machine.exec(server);
  await waitFor(`a listener on port ${port}`, async () => {
    const now = await machine.exec(listens);
    return now.stdout.trim() !== "";
  });
}

describe("machines, prepared from bare", () => {
  const getRig = useRig({ machines: MIXED });
  let rig: Rig;
  let lab: Lab;
  let master: Machine;
  let worker: Machine;
  let clients: WaitingClients | undefined;

  const sh = async (machine: Machine, command: string): Promise<string> =>
    (await machine.exec(command)).stdout.trim();

  before(async function () {
    rig = getRig();
    lab = new Lab(rig);
    master = rig.machine("maple");
    worker = rig.machine("hazel");
    clients = await WaitingClients.start(rig.machines);
    const result = await lab.up();
    assertApplied(result, lab);
    const created = rig.machines.flatMap(({ name }) => PARTS.map((part) => `node-${name}-${part}`));
    assert.deepEqual(
      result.names("create").filter((name) => name.startsWith("node-") && created.includes(name)),
      created.sort(),
    );
  });

  after(() => {
    clients?.stop();
    lab.remove();
  });

  it("keep the connections that were open before there was a firewall", async () => {
    await clients?.speak();
  });

  it("are changed nowhere by a second apply: no file, no unit", async () => {
    const before = await Promise.all(rig.machines.map((machine) => sh(machine, FINGERPRINT)));
    const again = await lab.up();
    assertApplied(again, lab);
    assert.deepEqual([again.names("update"), again.names("create")], [[], []]);
    // Not only does the engine see nothing to do: the steps themselves, run again, change nothing.
    const forced = await lab.up(["remote.lockTimeout=9m"]);
    assertApplied(forced, lab);
    assert.equal(forced.names("update").length, rig.machines.length * (PARTS.length + 1));
    const after = await Promise.all(rig.machines.map((machine) => sh(machine, FINGERPRINT)));
    for (const [i, fingerprint] of after.entries()) {
      assert.deepEqual(stable(fingerprint), stable(before[i] ?? ""));
    }
    assert.doesNotMatch(lab.output, /changing/);
  });

  it("have their kernel's settings in force, and again after a reboot", async () => {
    const read = (): Promise<string> =>
      sh(
        worker,
        "sysctl -n net.ipv4.ip_forward vm.max_map_count kernel.panic net.ipv4.conf.all.rp_filter",
      );
    assert.equal(await read(), "1\n262144\n10\n2");
    await worker.reboot();
    assert.equal(await read(), "1\n262144\n10\n2");
  });

  it("have each unit enabled and running, also after a reboot", async () => {
    const units = "chrony rsyslog ssh vmstation-firewall";
    for (const machine of [master, worker]) {
      assert.equal(await sh(machine, `systemctl is-active ${units} | sort -u`), "active");
      assert.equal(await sh(machine, `systemctl is-enabled ${units} | sort -u`), "enabled");
    }
  });

  it("take their time from the control plane", async () => {
    const sources = await waitFor("chrony's sources", async () => {
      const text = await sh(worker, "chronyc -n sources");
      return text.includes("10.213.0.63") ? text : undefined;
    });
    assert.match(sources, /10\.213\.0\.63/);
    assert.match(await sh(master, "ss -Hulpn sport = :123"), /chronyd/);
  });

  it("send their logs to the control plane's files", async () => {
    await sh(worker, "logger -t rig-probe 'a line from the worker'");
    const file = "/var/log/remote/hazel/syslog.log";
    const text = await waitFor("the line to arrive", async () => {
      const { code, stdout } = await master.exec(`cat ${file}`, { anyCode: true });
      return code === 0 && stdout.includes("a line from the worker") ? stdout : undefined;
    });
    assert.match(text, /rig-probe: a line from the worker/);
  });

  it("know each other by name", async () => {
    assert.equal(await sh(worker, "hostname"), "hazel");
    assert.match(
      await sh(worker, "getent hosts maple"),
      /^10\.213\.0\.63 +maple\.vmstation\.local/,
    );
  });

  it("run sshd with the settings that were asked for", async () => {
    const effective = await sh(worker, "sshd -T");
    for (const line of [
      "passwordauthentication no",
      "permitrootlogin no",
      "maxauthtries 6",
      "x11forwarding no",
    ]) {
      assert.match(effective, new RegExp(`^${line}$`, "m"));
    }
    assert.match(effective, /^ciphers chacha20-poly1305@openssh\.com,aes256-gcm@openssh\.com/m);
  });

  it("let through the ports that a layer asked for, from where it asked, and no other", async () => {
    for (const port of [6443, 2379, 10250, 8080]) await listen(master, port);
    const reach = async (from: Machine | "controller", port: number): Promise<boolean> => {
      const probe = `timeout 5 bash -c 'exec 3<>/dev/tcp/10.213.0.63/${port}'`;
      if (from === "controller") return (await rig.local(probe)).code === 0;
      return (await from.exec(probe, { anyCode: true })).code === 0;
    };
    assert.deepEqual(
      await Promise.all([
        reach(worker, 6443),
        reach(worker, 2379),
        reach(worker, 10250),
        reach(worker, 8080),
      ]),
      [true, true, true, false],
    );
    // The controller is on the LAN but no machine of the cluster: etcd is not for it.
    assert.deepEqual(
      await Promise.all([
        reach("controller", 6443),
        reach("controller", 2379),
        reach("controller", 8080),
      ]),
      [true, false, false],
    );
    assert.equal(await sh(master, "nft list tables"), "table inet vmstation");
  });

  it("have no change left unconfirmed, and no lock held", async () => {
    for (const machine of rig.machines) {
      assert.equal(
        await sh(machine, "ls -A /var/lib/vmstation/guard /var/lib/vmstation/pending"),
        ["/var/lib/vmstation/guard:", "", "/var/lib/vmstation/pending:"].join("\n"),
      );
      // A machine that was rebooted since has no lock to hold.
      const lock =
        "if [ -e /run/vmstation/lock ]; then flock -n /run/vmstation/lock echo free; else echo free; fi";
      assert.equal(await sh(machine, lock), "free");
      assert.equal(
        await sh(machine, "ls -d /run/vmstation.?????? 2>/dev/null || echo none"),
        "none",
      );
    }
  });

  it("are changed in the one resource that a changed setting belongs to", async () => {
    const result = await lab.up([
      "remote.lockTimeout=9m",
      "node.sysctl={net.core.netdev_max_backlog: null, vm.swappiness: 7}",
    ]);
    assertApplied(result, lab);
    assert.deepEqual(
      result.names("update").filter((name) => name.startsWith("node-")),
      rig.machines.map(({ name }) => `node-${name}-system`).sort(),
    );
    assert.equal(await sh(worker, "sysctl -n vm.swappiness"), "7");
  });

  it("are as their owner had them once everything is taken away, their data untouched", async () => {
    await sh(worker, "mkdir -p /srv/data && echo precious > /srv/data/file");
    const result = await lab.destroy();
    assertApplied(result, lab);
    for (const machine of rig.machines) {
      assert.equal(await sh(machine, "nft list tables"), "");
      assert.equal(
        await sh(machine, "ls /etc/ssh/sshd_config.d /etc/sysctl.d | grep -c vmstation || true"),
        "0",
      );
      assert.doesNotMatch(await sh(machine, "cat /etc/hosts"), /vmstation/);
      assert.equal(await sh(machine, "systemctl is-active ssh"), "active");
      assert.equal(await sh(machine, "find /etc -name '*vmstation*'"), "");
    }
    assert.equal(await sh(worker, "cat /srv/data/file"), "precious");
  });
});
