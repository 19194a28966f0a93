import assert from "node:assert/strict";
import { listSshdOptions } from "../../components/node/sshd-step";
import { nodeContextOf } from "../../stacks/node-context";
import { homelabSite } from "../support/site";
import { BackupLab } from "./backup/lab";
import type { CommandResult } from "./command";
import type { Machine } from "./machine";
import { useRig } from "./use-rig";
import { waitFor } from "./wait";

/** Opens COUNT connections to HOST, says nothing, and writes how many are left once that no longer changes. */
const FLOOD = `
import socket, sys, time
count, host, addresses = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
made = []
for i in range(count):
    sock = socket.socket()
    sock.settimeout(20)
    sock.bind((addresses[i % len(addresses)], 0))
    try:
        sock.connect((host, 22))
    except OSError:
        continue
    sock.setblocking(False)
    made.append(sock)

def is_open(sock):
    try:
        while sock.recv(256):
            pass
        return False
    except BlockingIOError:
        return True
    except OSError:
        return False

numbers = [-1]
while len(numbers) < 20 or len(set(numbers[-20:])) > 1:
    numbers.append(sum(map(is_open, made)))
    time.sleep(0.05)
with open("/run/flood.part", "w") as file:
    file.write(str(numbers[-1]))
import os
os.rename("/run/flood.part", "/run/flood")
time.sleep(600)
`;

/** What a machine's sshd takes: of sshd-step.ts. */
const [PER_ADDRESS, TOTAL, SESSIONS] = [30, 100, 20];

const options = (name: string, more = ""): string =>
  `-F none -i /etc/vmstation/${name}/key -o BatchMode=yes -o IdentitiesOnly=yes ${more} ` +
  `-o UserKnownHostsFile=/etc/vmstation/${name}/known_hosts`;

describe("a machine's agents, under ten times of what is let in", () => {
  const getRig = useRig();
  let lab: BackupLab;
  let control: Machine;
  let target: Machine;
  let attacker: Machine;

  const ssh = (name: string, command: string, input = "</dev/null"): Promise<CommandResult> =>
    control.exec(
      `timeout 120 ssh ${options(name)} vmstation-${name}@${target.address} '${command}' ${input}`,
      { anyCode: true },
    );

  const assertAnswers = async (): Promise<void> => {
    const { code, stdout, stderr } = await ssh("power", "observe");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /"sample": \{"boot"/);
  };

  const flood = async (count: number, addresses: readonly string[]): Promise<number> => {
    const words = `${count} ${target.address} ${addresses.join(" ")}`;
    await attacker.exec(`rm -f /run/flood; cat >/root/flood.py`, { input: FLOOD });
    await attacker.exec(
      `systemd-run -q --collect --unit=rig-flood python3 /root/flood.py ${words}`,
    );
    const read = async (): Promise<string> =>
      (await attacker.exec("cat /run/flood || :", { anyCode: true })).stdout;
    await waitFor("the flood", async () => (await read()) !== "", 120_000);
    return Number(await read());
  };

  const processes = async (pattern: string): Promise<number> =>
    Number((await target.exec(`pgrep -fc '${pattern}' || :`)).stdout);

  before(async () => {
    const rig = getRig();
    lab = new BackupLab(rig);
    control = lab.control;
    target = lab.sleeper;
    attacker = rig.machine("spruce");
    await lab.prepare();
    // Nothing here is about its sleep.
    await control.exec("systemctl stop vmstation-autosleep.timer");
    const key = await lab.power.perform(control, lab.controller(), "apply");
    for (const [machine, step] of lab.steps(key)) await lab.power.perform(machine, step, "apply");
    const context = nodeContextOf(homelabSite());
    const [machine] = context.machines;
    assert.ok(machine);
    const lines = listSshdOptions({ ...machine, os: "debian-12" }, context);
    await target.exec(
      "cat >/etc/ssh/sshd_config.d/00-vmstation.conf && systemctl restart ssh.service",
      { input: lines.map((line) => `${line.join(" ")}\n`).join("") },
    );
  });

  afterEach(async () => {
    await attacker.exec("systemctl stop rig-flood.service 2>/dev/null || :");
    await waitFor("who does not log in to be gone", async () => {
      const { code } = await ssh("power", "observe");
      return code === 0 && (await processes("sshd: .*\\[(net|accepted)\\]")) === 0;
    });
  });

  it("answer the controller while one address holds as many connections as it may", async () => {
    await assertAnswers();
    const held = await flood(10 * PER_ADDRESS, [attacker.address]);
    assert.ok(held > 0 && held <= PER_ADDRESS, `${held} held`);
    for (let i = 0; i < 5; i += 1) await assertAnswers();
  });

  it("are not reached by more connections than that in all, no matter who makes them", async () => {
    const addresses = Array.from({ length: 40 }, (_, i) => `10.213.0.${101 + i}`);
    for (const address of addresses)
      await attacker.exec(`ip address add ${address}/24 dev ${attacker.nic}`);
    const held = await flood(10 * TOTAL, addresses);
    assert.ok(held > PER_ADDRESS && held <= TOTAL, `${held} held`);
    assert.ok((await processes("^sshd: ")) <= 2 * TOTAL + 10);
    await attacker.exec("systemctl stop rig-flood.service");
    await waitFor(
      "the controller to get in",
      async () => (await ssh("power", "observe")).code === 0,
    );
  });

  it("run no more than so many at once over one connection", async () => {
    const master = `ssh ${options("backup")} -S /run/rig-master`;
    const { stdout } = await control.exec(
      `mkfifo /run/rig-silence
      sleep 300 >/run/rig-silence 2>&1 & silence=$!
      ${master} -M -f -N vmstation-backup@${target.address} >/dev/null 2>&1
      for i in $(seq ${10 * SESSIONS}); do
        {
          ${master} -o ProxyCommand=false vmstation-backup@${target.address} 'restore minecraft' \\
            </run/rig-silence || echo refused >>/run/rig-refused
        } >/dev/null 2>&1 &
      done
      until [ "$(wc -l </run/rig-refused)" -ge ${9 * SESSIONS} ] 2>/dev/null; do :; done
      echo "$silence"`,
    );
    const agents = "^python3 -B .*backup-agent.py restore";
    const running = await processes(agents);
    assert.ok(running > 0 && running <= SESSIONS, `${running} run`);
    await control.exec(`kill ${stdout.trim()}; ${master} -O exit x || :`);
    await waitFor("them to end", async () => (await processes(agents)) === 0);
    assert.equal((await target.exec("cat /srv/world/region.mca")).stdout, "blocks\n");
  });

  it("read no more than they need, whatever they are sent", async () => {
    const observed = await ssh("power", "observe", "</dev/zero");
    assert.equal(observed.code, 0, observed.stderr);
    const restored = await ssh("backup", "restore minecraft", "</dev/zero");
    assert.deepEqual([restored.code, restored.stdout], [1, ""], restored.stderr);
    const left = "ls -d /srv/world*; cat /srv/world/region.mca";
    assert.equal((await target.exec(left)).stdout, "/srv/world\nblocks\n");
    const long = await ssh("power", `observe ${"x".repeat(100_000)}`);
    assert.deepEqual([long.code === 0, long.stdout], [false, ""]);
  });
});
