import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { trustStep } from "../../components/remote/agent/steps";
import { ROLE } from "../../components/power/names";
import { agentStep } from "../../components/power/steps";
import type { SleepingApp } from "../../components/power/types";
import { run } from "./command";
import type { Machine } from "./machine";
import { MIXED } from "./machine-spec";
import { config, PowerLab, renderServer } from "./power/lab";
import type { Rig } from "./rig";
import { useRig } from "./use-rig";
import { waitFor } from "./wait";

/** What a Jellyfin would be: it answers on 8096 whenever its machine is up. */
const APP = `mkdir -p /srv/www && echo film >/srv/www/film${renderServer("/srv/www", 8096)}`;

const app: SleepingApp = {
  app: "jellyfin",
  title: "Jellyfin",
  path: "apps.jellyfin",
  machine: "hazel",
  workload: { namespace: "jellyfin", kind: "Deployment", name: "jellyfin" },
  service: "jellyfin",
  probePort: 8096,
  advertised: [{ port: 30_096, servicePort: 8096, speaks: "http" }],
};

describe("machines that sleep and wake", () => {
  const getRig = useRig({ machines: MIXED });
  let rig: Rig;
  let lab: PowerLab;
  let control: Machine;

  afterEach(function () {
    return lab.explain(this.currentTest);
  });

  before(async () => {
    rig = getRig();
    lab = new PowerLab({
      rig,
      sleepers: {
        spruce: { mode: "sleeps" },
        hazel: { mode: "sleeps", method: "poweroff" },
      },
      apps: [app],
    });
    control = lab.control;
    await lab.prepare();
    await rig.machine("hazel").exec(APP);
  });

  it("are prepared by the layer's steps, which find nothing to change afterwards", async () => {
    const key = await lab.perform(control, lab.controller(), "apply");
    assert.match(key, /^ssh-ed25519 \S+ vmstation power controller on maple\n$/);
    assert.equal(await lab.perform(control, lab.controller(), "apply"), key);
    const steps = lab.steps(key);
    for (const [machine, step] of steps) await lab.perform(machine, step, "apply");
    for (const [machine, step] of steps) {
      assert.equal(
        await lab.perform(machine, step, "check"),
        "",
        `${step.name} on ${machine.name}`,
      );
    }
    const failed = await control.exec("systemctl --failed --no-legend --plain");
    assert.equal(failed.stdout, "");
  });

  it("keep their apps' ports, however often what holds them is killed", async () => {
    await control.exec(`unit=vmstation-connect.service
      for round in 1 2 3 4 5 6 7; do
        pid=$(systemctl show -P MainPID $unit)
        systemctl kill --signal=KILL --kill-whom=main $unit
        until now=$(systemctl show -P MainPID $unit); [ "$now" != 0 ] && [ "$now" != "$pid" ]; do
          ! systemctl is-failed -q $unit vmstation-connect.socket || exit 1
        done
      done`);
    const { stdout } = await control.exec("systemctl is-active vmstation-connect.socket");
    assert.equal(stdout, "active\n");
  });

  it("stay awake while no wake test has passed", async () => {
    await control.exec("vmstation-autosleep.sh");
    // It leaves a machine to the timer's first check where that is at it.
    await waitFor("the reason to be shown", async () => {
      const { stdout } = await control.exec("vmstation-power-state.sh");
      return /^spruce .*(no wake test has passed yet|cannot read)/m.test(stdout);
    });
  });

  it("pass a wake test: suspended for real, woken by their own magic packet, uncordoned", async () => {
    const machine = rig.machine("spruce");
    // As the kubelet's connections to the API server, which nobody reads after a sleep.
    const client = `import socket; socket.create_connection(("${control.address}", 6443)).recv(1)`;
    await machine.exec(`systemd-run -q --unit=client python3 -c '${client}'`);
    await waitFor("the connection", async () => {
      return (await machine.exec("ss -Hn 'dport = :6443'")).stdout !== "";
    });
    await control.exec("vmstation-power-test.sh spruce");
    assert.equal(machine.state, "on");
    await waitFor("the connection's end", async () => {
      return (await machine.exec("systemctl is-failed client", { anyCode: true })).code === 0;
    });
    assert.equal(await lab.isCordoned("spruce"), false);
    const packet = rig.magicPackets.find(({ mac }) => mac === machine.mac);
    assert.equal(packet?.from, control.address);
  });

  it("fall asleep by themselves, and wake for a pod that waits for them before anybody looks again", async () => {
    const machine = rig.machine("spruce");
    // A second try finds what the first one has left.
    await control.exec("systemctl start vmstation-autosleep.timer");
    await lab.reaches("spruce", "asleep");
    assert.equal(machine.state, "asleep");
    assert.equal(await lab.isCordoned("spruce"), true);
    const pod = {
      kind: "Pod",
      // A pod that has waited in vain once wakes nobody again.
      metadata: { name: "job", namespace: "default", uid: randomUUID() },
      spec: { containers: [{ resources: { requests: { cpu: "1" } } }] },
      status: {
        conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable" }],
      },
    };
    await lab.store("pod", "job", pod);
    // Its check would see the pod too.
    await control.exec("systemctl stop vmstation-autosleep.timer");
    const seen = rig.magicPackets.length;
    const begin = Date.now();
    const input = JSON.stringify({ type: "ADDED", object: pod });
    await control.exec("cat >/var/lib/vmstation/power/kubernetes/watch", { input });
    await waitFor("a magic packet", () => Promise.resolve(rig.magicPackets.length > seen));
    const took = (rig.magicPackets[seen]?.at ?? Infinity) * 1000 - begin;
    console.log(`    magic packet ${Math.round(took)} ms after the pod`);
    assert.ok(took < 2000, `${took} ms`);
    await control.exec("systemctl start vmstation-autosleep.timer");
    await lab.reaches("spruce", "awake");
    await control.exec("rm /var/lib/vmstation/power/kubernetes/pod.job.json");
    await control.exec("vmstation-hold.sh spruce --for 1h --why 'the next test'");
    assert.equal(await lab.isCordoned("spruce"), false);
    const why = await control.exec("vmstation-power-state.sh");
    assert.ok(!why.stdout.includes("woken by somebody else"), why.stdout);
  });

  it("are switched off with their workloads at 0, and answer the request that wakes them", async () => {
    const machine = rig.machine("hazel");
    const sleep = control.exec("vmstation-sleep.sh hazel");
    await machine.waitForState("off");
    // A container's network outlives it and would refuse connections; a machine that is off says nothing.
    await machine.cutLink();
    await sleep;
    assert.deepEqual(Reflect.get(Object(await lab.object("deployment", "jellyfin")), "spec"), {
      replicas: 0,
    });
    const url = `http://${control.address}:30096/film`;
    const page = await run("curl", ["-sS", "-H", "Accept: text/html", "-w", "%{http_code}", url]);
    assert.match(page.stdout, /Jellyfin is waking up[^]*503$/);
    const answer = await run("curl", ["-sS", "--max-time", "120", url]);
    assert.equal(answer.stdout, "film\n");
    await lab.reaches("hazel", "awake");
    assert.deepEqual(Reflect.get(Object(await lab.object("deployment", "jellyfin")), "spec"), {
      replicas: 1,
    });
  });

  it("let the controller's key run nothing but the agent, and nobody else's", async () => {
    const { address } = rig.machine("hazel");
    const ssh =
      `ssh -F none -i /etc/vmstation/power/key -o BatchMode=yes -o IdentitiesOnly=yes ` +
      `-o UserKnownHostsFile=/etc/vmstation/power/known_hosts vmstation-power@${address}`;
    const refused = await control.exec(`${ssh} id`, { anyCode: true });
    // By sudo, which allows the agent's verbs only; the gate lets through nothing but words.
    assert.deepEqual([refused.code, refused.stdout], [1, ""], refused.stderr);
    const expanded = await control.exec(`${ssh} '$(id)'`, { anyCode: true });
    assert.deepEqual([expanded.code, expanded.stdout], [2, ""], expanded.stderr);
    const observed: unknown = JSON.parse((await control.exec(`${ssh} observe`)).stdout);
    assert.deepEqual(Reflect.get(Object(observed), "errors"), {});
    assert.deepEqual(Reflect.get(Object(observed), "sessions"), []);
  });

  it("are left as they were when the layer goes", async () => {
    for (const sleeper of lab.sleepers) {
      const machine = rig.machine(sleeper.name);
      await lab.perform(machine, trustStep(ROLE, "ssh-ed25519 AAAA", control.address), "remove");
      await lab.perform(machine, agentStep(sleeper, config, 6443), "remove");
      const left =
        "ls /usr/local/sbin/vmstation-* /etc/sudoers.d/vmstation-* 2>/dev/null; id vmstation-power";
      assert.equal((await machine.exec(left, { anyCode: true })).stdout, "");
    }
    await lab.perform(control, lab.controller(), "remove");
    const units = await control.exec(
      "systemctl list-unit-files --no-legend 'vmstation-*' || :; cd /usr/local/bin; ls -d vmstation-* || :",
    );
    assert.equal(units.stdout, "");
  });
});
