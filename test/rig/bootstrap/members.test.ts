import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { nodesStep } from "../../../components/bootstrap/common-steps";
import { arrivalsStep, type MembersArgs } from "../../../components/bootstrap/members";
import { renderStdin } from "../../../components/remote/render-stdin";
import type { Step } from "../../../components/remote/step";
import { clusterArgs } from "../../unit/bootstrap/sites";
import type { CommandResult } from "../command";
import type { Machine } from "../machine";
import type { Rig } from "../rig";
import { useRig } from "../use-rig";
import { waitFor } from "../wait";

const NAMES = ["maple", "spruce", "hazel"];
const ETCDCTL = "etcdctl --command-timeout=5s";

/** As a method has it, but for TLS and kubeadm's pod around etcdctl. */
const MEMBERS: MembersArgs = {
  files: { kubectl: "/usr/local/bin/kubectl", kubeconfig: "/etc/kubeconfig" },
  etcdctl: ["etcdctl", "--endpoints=http://127.0.0.1:2379"],
};

// Each test goes on from the members that the one before has left.
describe("etcd's members, of real etcd on three machines", function () {
  this.bail(true);
  const getRig = useRig();
  let rig: Rig;
  let control: Machine;

  const peer = (name: string): string => `${name}=http://${rig.machine(name).address}:2380`;

  /** etcd on a machine, as one of `members`. */
  async function startEtcd(name: string, members: readonly string[], state: string): Promise<void> {
    const { address } = rig.machine(name);
    const settings = {
      NAME: name,
      DATA_DIR: "/var/lib/etcd",
      LISTEN_PEER_URLS: `http://${address}:2380`,
      INITIAL_ADVERTISE_PEER_URLS: `http://${address}:2380`,
      LISTEN_CLIENT_URLS: `http://${address}:2379,http://127.0.0.1:2379`,
      ADVERTISE_CLIENT_URLS: `http://${address}:2379`,
      INITIAL_CLUSTER: members.map(peer).join(","),
      INITIAL_CLUSTER_STATE: state,
    };
    const lines = Object.entries(settings).map(([key, value]) => `ETCD_${key}=${value}\n`);
    await rig.machine(name).exec(
      `export DEBIAN_FRONTEND=noninteractive
      apt-get -qq update && ln -sf /dev/null /etc/systemd/system/etcd.service
      apt-get -qq install --no-install-recommends etcd-server etcd-client >/dev/null
      rm -rf /var/lib/etcd && cat >/etc/etcd.env
      printf '[Service]\\nEnvironmentFile=/etc/etcd.env\\nExecStart=/usr/bin/etcd\\n' >/etc/systemd/system/member.service
      systemctl daemon-reload && systemctl start member`,
      { input: lines.join("") },
    );
  }

  /** The stack's machines, with a host key each. */
  function argsFor(names: readonly string[], newKeys: readonly string[] = []) {
    const args = clusterArgs({ method: "kubeadm", allowRemoval: true });
    const machines = args.machines
      .filter(({ name }) => names.includes(name))
      .map((machine) => ({
        ...machine,
        ...{ roles: ["control-plane" as const, "etcd" as const], sleeps: false },
        address: rig.machine(machine.name).address,
        hostKey: `${newKeys.includes(machine.name) ? "new" : "old"} key of ${machine.name}`,
      }));
    return { ...args, machines };
  }

  function perform(step: Step, anyCode = false): Promise<CommandResult> {
    const input = renderStdin(step, { machine: "maple", lockSeconds: 60 });
    return control.exec("sh -eus apply", { input, anyCode });
  }

  async function up(names: readonly string[], newKeys: readonly string[] = []): Promise<string> {
    const args = argsFor(names, newKeys);
    const arrivals = await perform(arrivalsStep(args, MEMBERS));
    const departures = await perform(nodesStep(args, MEMBERS));
    return `${arrivals.stderr}${departures.stderr}`;
  }

  /** The names of all members, whether they run or not. */
  async function members(): Promise<string[]> {
    const { stdout } = await control.exec(
      `${ETCDCTL} member list | cut -d, -f3 | tr -d ' ' | sort`,
    );
    return stdout.trim().split("\n");
  }

  const allRun = (): Promise<unknown> =>
    waitFor("all members to run", async () => {
      const health = `${ETCDCTL} endpoint health --cluster`;
      return (await control.exec(health, { anyCode: true })).code === 0;
    });

  const keys = async (machine: Machine): Promise<string> =>
    (await machine.exec(`${ETCDCTL} get --prefix /photos | sha256sum`)).stdout;

  /** etcd takes a write only where it has a majority; without its leader it first takes another one. */
  const write = (): Promise<unknown> =>
    waitFor("etcd to take a write", async () => {
      const put = `${ETCDCTL} put /write "$(date +%s%N)"`;
      return (await control.exec(put, { anyCode: true })).code === 0;
    });

  async function setNode(name: string, ready: "True" | "Unknown"): Promise<void> {
    const node = {
      metadata: { name, labels: { "node-role.kubernetes.io/control-plane": "" } },
      status: { conditions: [{ type: "Ready", status: ready }] },
    };
    await control.exec(`mkdir -p /srv/nodes; cat >/srv/nodes/${name}`, {
      input: JSON.stringify(node),
    });
  }

  before(async function () {
    this.timeout(300_000);
    rig = getRig();
    control = rig.machine("maple");
    const kubectl = readFileSync(path.join(__dirname, "nodes-kubectl"), "utf8");
    await control.exec("cat >/usr/local/bin/kubectl && chmod 755 /usr/local/bin/kubectl", {
      input: kubectl,
    });
    for (const name of NAMES) await setNode(name, "True");
    await Promise.all(NAMES.map((name) => startEtcd(name, NAMES, "new")));
    await allRun();
    await control.exec(
      `for i in $(seq 50); do ${ETCDCTL} put /photos/$i "photo $i"; done >/dev/null`,
    );
  });

  it("stay as they are where nothing is to change, or one is only down", async () => {
    await up(NAMES);
    assert.deepEqual(await members(), [...NAMES].sort());
    await rig.machine("hazel").powerOff();
    await setNode("hazel", "Unknown");
    await write();
    await up(NAMES);
    assert.deepEqual(await members(), [...NAMES].sort());
  });

  it("refuse that another one goes while one is dead, by what runs now", async () => {
    const left = ["maple", "hazel"];
    const refused = await perform(arrivalsStep(argsFor(left), MEMBERS), true);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /without spruce etcd would have no majority: 1 of 2 members run/);
    assert.deepEqual(await members(), [...NAMES].sort());
    await write();
  });

  it("lose a dead control plane to the new machine under its name, which gets every key", async () => {
    const before = await keys(control);
    const said = await perform(arrivalsStep(argsFor(NAMES, ["hazel"]), MEMBERS));
    assert.match(said.stderr, /hazel is not asked, .* etcd forgets its member/);
    assert.deepEqual(await members(), ["maple", "spruce"]);
    await write();

    const hazel = rig.machine("hazel");
    await hazel.reset();
    // As kubeadm, RKE2 and K3s join: without a vote until it has the data.
    await control.exec(
      `${ETCDCTL} member add hazel --learner --peer-urls=http://${hazel.address}:2380`,
    );
    await write();
    await startEtcd("hazel", NAMES, "existing");
    const promote = `${ETCDCTL} member promote $(${ETCDCTL} member list | awk -F, '/:2380/ && / hazel/ {print $1}')`;
    await waitFor(
      "hazel to vote",
      async () => (await control.exec(promote, { anyCode: true })).code === 0,
    );
    await setNode("hazel", "True");
    await up(NAMES, ["hazel"]);
    assert.deepEqual(await members(), [...NAMES].sort());
    assert.equal(await keys(hazel), before);
    // It carries the majority now.
    await rig.machine("spruce").exec("systemctl stop member");
    await write();
    await rig.machine("spruce").exec("systemctl start member");
    await allRun();
  });

  it("go one by one until one is left, which still writes", async () => {
    const before = await keys(control);
    const said = await up(["maple"], ["hazel"]);
    assert.match(
      said,
      /hazel is drained, etcd forgets its member[^]*spruce is drained, etcd forgets/,
    );
    assert.deepEqual(await members(), ["maple"]);
    await write();
    assert.equal(await keys(control), before);
  });
});
