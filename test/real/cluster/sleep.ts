import assert from "node:assert/strict";
import { waitFor } from "../../rig/wait";
import type { Real } from "../running-real";
import { ignoreLoad } from "./load";
import { APP, askFromLan, renderWebPod } from "./pods";

const MINUTE = 60_000;
const NAME = "hazel";
/** A pod that one machine alone can take. */
const CALLER = { namespace: "default", name: "caller", machine: NAME, labels: {} };
/** Milliseconds: what a pod that finds no machine may wait for the magic packet. */
const WATCHED = 2000;

/** Puts a machine to sleep that an `up` may have kept awake, as it does for half an hour. */
export async function fallAsleep({ lab, rig }: Real, name: string): Promise<void> {
  await ignoreLoad(rig.machine("maple"));
  await lab.passes("hold", name, "--release");
  await lab.passes("sleep", name);
  assert.equal(rig.machine(name).state, "asleep");
}

/** The tests of a machine that sleeps and is woken, for a suite whose cluster is up. */
export function sleepTests(getReal: () => Real): void {
  it("lets a machine sleep, and finds that right", async () => {
    const { lab, rig } = getReal();
    await fallAsleep(getReal(), NAME);
    await lab.becomesHealthy();
    assert.equal(rig.machine(NAME).state, "asleep", "looking at the cluster wakes nobody");
  });

  it("wakes it for somebody who wants its app, and answers them", async () => {
    const { rig } = getReal();
    await waitFor(
      "the app's own answer",
      async () => (await askFromLan(APP))?.startsWith("jellyfin-0 "),
      5 * MINUTE,
    );
    assert.equal(rig.machine(NAME).state, "on");
  });

  it("wakes it for a pod that the scheduler finds no machine for, which then runs there", async () => {
    const { lab, rig } = getReal();
    await fallAsleep(getReal(), NAME);
    const seen = rig.magicPackets.length;
    const begin = Date.now();
    await lab.objects.apply(renderWebPod(CALLER));
    await waitFor("a magic packet", () => Promise.resolve(rig.magicPackets.length > seen));
    const took = (rig.magicPackets[seen]?.at ?? Infinity) * 1000 - begin;
    console.log(`      magic packet ${took.toFixed(0)} ms after the pod was asked for`);
    assert.ok(took < WATCHED, `${took.toFixed(0)} ms`);
    const ready = ["wait", "--for=condition=Ready", "pod/caller", "--timeout=240s"];
    await lab.objects.kubectl(["--request-timeout=0", ...ready], "", 300);
    assert.equal(rig.machine(NAME).state, "on");
    await lab.kubectl("delete", "pod", "caller");
  });
}
