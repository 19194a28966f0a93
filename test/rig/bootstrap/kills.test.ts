import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { useRig } from "../use-rig";
import { waitFor } from "../wait";
import { BootstrapLab, explain, packageIndex } from "./lab";

/** Set it to repeat a run; it is printed. */
const SEED = Number(process.env.VMSTATION_SEED ?? Date.now() % 1_000_000);
/** Within how many milliseconds of an up's start it is killed, for each change; the first one installs Ansible as well. */
const ROUNDS: readonly number[] = [25_000, 10_000, 10_000];
const KILLS = 4;

/** Numbers between 0 and 1, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("an up that is killed at random moments", () => {
  const getRig = useRig();
  const random = randomNumbers(SEED);
  const machines = ["maple", "spruce"];
  let lab: BootstrapLab;

  before(async function () {
    if (packageIndex() === undefined) {
      console.log("    pending: Ansible's packages could not be fetched");
      this.skip();
    }
    lab = new BootstrapLab(getRig());
    await lab.prepare();
  });

  after(() => {
    lab.remove();
  });

  /**
   * Kills ups at random moments; every second one no sooner than the playbooks run, or it would be luck to meet them.
   * Returns the moments, in milliseconds, with a mark where playbooks ran.
   */
  async function killSome(within: number): Promise<string[]> {
    const moments: string[] = [];
    for (let i = 0; i < KILLS; i += 1) {
      const up = lab.start();
      const begun = performance.now();
      if (i % 2 === 1)
        await waitFor("the playbooks", async () => up.hasEnded || lab.isRunning(), 90_000);
      // The moment is what is tested here: there is no condition to wait for.
      await delay(random() * (i % 2 === 1 ? 4_000 : within));
      await up.kill();
      const mark = (await lab.isRunning()) ? "*" : "";
      moments.push(`${Math.round(performance.now() - begun)}${mark}`);
    }
    return moments;
  }

  for (const [round, within] of ROUNDS.entries()) {
    it(`starts no second run of change ${round + 1}, and the last up finds it converged (seed ${SEED})`, async () => {
      const maxPods = 100 + round;
      lab.describe({ machines, bootstrap: { maxPods } });
      const moments = await killSome(within);
      console.log(`      killed after ms (* while playbooks ran): ${moments.join(" ")}`);

      const last = await lab.up();
      assert.equal(last.code, 0, explain(last));
      const received = await lab.received();
      assert.deepEqual(
        received.map((one) => [one.playbook, one.maxPods]),
        [["cluster.yml", maxPods]],
      );
      const again = await lab.up();
      assert.deepEqual([again.code, again.names("update"), again.names("create")], [0, [], []]);
      assert.deepEqual(await lab.received(), []);
    });
  }
});
