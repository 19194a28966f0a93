import { setTimeout as delay } from "node:timers/promises";
import { SLEEPS_WITH } from "../../../components/shared/labels";
import { ignoreLoad } from "../../real/cluster/load";
import { startPods } from "../../real/cluster/pods";
import type { Real } from "../../real/running-real";
import { answersWithSsh } from "../../rig/ssh";
import { waitFor } from "../../rig/wait";
import { seconds, type Row } from "../table";

const GOALS = { wake: 10, memory: 50, cpu: 1 };
const MINUTE = 60_000;
/** Clock ticks a second, as Linux counts a process's time for everybody. */
const TICKS = 100;

/** Seconds: the default of power.checkEvery. */
const CHECK_EVERY = 15 * 60;

const UNITS = ["vmstation-event-wake.service", "vmstation-connect.service"];

/** From the magic packet to a pod of the machine that is Ready again. */
export async function benchWake({ lab, rig }: Real): Promise<Row[]> {
  const machine = rig.machine("hazel");
  const pod = {
    ...{ namespace: "default", name: "sleeper", machine: machine.name },
    labels: { [SLEEPS_WITH]: machine.name },
  };
  await startPods(lab.objects, [pod]);
  await ignoreLoad(rig.machine("maple"));
  await lab.passes("hold", machine.name, "--release");
  await lab.passes("sleep", machine.name);
  const words = ["get", "pod", pod.name, "-o"];
  const ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  const isReady = async (): Promise<boolean> => (await lab.kubectl(...words, ready)) === "True";
  const isNodeReady = async (): Promise<boolean> =>
    (await lab.kubectl("get", "node", machine.name, "-o", ready)) === "True";
  await waitFor("the pod to be away", async () => !(await isReady()), 3 * MINUTE);
  const start = performance.now();
  await rig.sendMagicPacket(machine.mac);
  const since = async (what: string, isThere: () => Promise<boolean>): Promise<number> => {
    await waitFor(what, isThere, 3 * MINUTE);
    return performance.now() - start;
  };
  const [answering, node, took] = await Promise.all([
    since("its sshd", () => answersWithSsh(machine.address)),
    since("the machine to be Ready", isNodeReady),
    since("the pod to be Ready", isReady),
  ]);
  const what = "packet to a pod that is Ready";
  const measured = `sshd after ${seconds(answering)}, the node after ${seconds(node)}`;
  return [{ what, measured, value: took / 1000, goal: GOALS.wake, unit: "s" }];
}

/** Seconds of the processors that one look at the machines takes, which a timer starts. */
async function costOfLook({ rig }: Real): Promise<number> {
  const command =
    "sh -c '/usr/local/bin/vmstation-autosleep.sh >/dev/null 2>&1; times' | tail -n 1";
  const { stdout } = await rig.machine("maple").exec(command, { timeout: 3 * MINUTE });
  return [...stdout.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest),
    0,
  );
}

/** Of all processes of the program's own services: their ticks, and kilobytes in which what several share counts once. */
const USED = `ticks=0 kilobytes=0
for unit in ${UNITS.join(" ")}; do
  systemctl is-active -q "$unit"
  group=$(systemctl show -p ControlGroup --value "$unit")
  for pid in $(cat "/sys/fs/cgroup/systemd$group/cgroup.procs"); do
    ticks=$((ticks + $(awk '{print $14 + $15 + $16 + $17}' "/proc/$pid/stat")))
    kilobytes=$((kilobytes + $(awk '/^Pss:/ {print $2}' "/proc/$pid/smaps_rollup")))
  done
done
echo "$ticks $kilobytes"`;

/** What the program's own parts take on the control plane of a cluster in which nothing happens. */
export async function benchIdle(real: Real): Promise<Row[]> {
  const used = async (): Promise<{ ticks: number; kilobytes: number }> => {
    const { stdout } = await real.rig.machine("maple").exec(`set -e; ${USED}`);
    const [ticks = Number.NaN, kilobytes = Number.NaN] = stdout.trim().split(" ").map(Number);
    return { ticks, kilobytes };
  };
  const before = await used();
  const start = performance.now();
  await delay(MINUTE);
  const after = await used();
  const services = (((after.ticks - before.ticks) / TICKS) * 1000) / (performance.now() - start);
  const memory = after.kilobytes / 1000;
  const look = await costOfLook(real);
  const what = "own parts of an idle control plane";
  return [
    {
      what: `${what}, memory`,
      ...{ measured: UNITS.join(", "), value: memory, goal: GOALS.memory, unit: "MB" },
    },
    {
      what: `${what}, of a core`,
      measured: `services for a minute, and ${look.toFixed(1)} s every ${String(CHECK_EVERY / 60)} min`,
      ...{ value: 100 * (services + look / CHECK_EVERY), goal: GOALS.cpu, unit: "%" },
    },
  ];
}
