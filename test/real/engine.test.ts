import assert from "node:assert/strict";
import { APPS, type AppName, ConfiguredApps } from "../engine/configured-apps";
import type { EngineLab } from "../engine/engine-lab";
import { requireEngine } from "../engine/use-engine";
import { waitFor } from "../rig/wait";
import { CONFIGURED } from "../support/fixtures/apps/configured/apps";
import { askFromLan } from "./cluster/pods";
import { fallAsleep } from "./cluster/sleep";
import { useReal } from "./use-real";

const MINUTE = 60_000;

/** The control plane, which holds the ports of what sleeps; a NodePort is open there as well. */
const CONTROL = "10.213.0.63";
const MACHINES = { board: "hazel", feed: "hazel", whoami: "spruce" } as const;
const SMALL = { image: "docker.io/vmstation/small:1", command: '["/small", "web", "8080"]' };

describe("a cluster by kubeadm, in the hands of the real engine", function () {
  this.bail(true);
  let engine: Awaited<ReturnType<typeof requireEngine>>;
  let update: EngineLab | undefined;

  // Without an engine no machine need be made.
  before(async function () {
    engine = await requireEngine(this);
  });
  after(() => update?.remove());
  const getReal = useReal();

  it("comes up by one `up`, whose validation passes", async () => {
    const { lab } = getReal();
    update = await lab.openEngine(engine);
    const ran = await update.up();
    assert.equal(ran.ok, true, ran.output);
    assert.deepEqual(ran.failed, []);
    await lab.passes("validate", "--failures");
  });

  it("is left alone by another `up`", async () => {
    const again = await update?.up({ expectNoChanges: true });
    assert.equal(again?.ok, true, again?.output);
  });

  describe("with an app of each kind from the stack's file alone", () => {
    let apps: ConfiguredApps | undefined;
    after(() => apps?.remove());

    const up = async (...names: readonly AppName[]): Promise<void> => {
      apps?.name(...names);
      const ran = await update?.up();
      assert.equal(ran?.ok, true, ran?.output);
    };
    const answers = (app: AppName): Promise<unknown> =>
      waitFor(
        `the answer of ${app}'s own pod`,
        async () => {
          const url = `http://${CONTROL}:${CONFIGURED[app].ports.http.nodePort}/`;
          return (await askFromLan(url))?.startsWith(`${app}-`);
        },
        5 * MINUTE,
      );

    it("runs them in pods that answer at their ports, and its validation passes", async () => {
      assert.ok(update);
      const { folder } = update;
      const set = update.set.bind(update);
      apps = new ConfiguredApps({ folder, set, machines: MACHINES, standIn: SMALL });
      await up(...APPS);
      for (const app of APPS) await answers(app);
      const again = await update.up({ expectNoChanges: true });
      assert.equal(again.ok, true, again.output);
    });

    it("wakes a machine that sleeps for who wants one of them, and answers", async () => {
      await fallAsleep(getReal(), MACHINES.feed);
      await answers("feed");
      assert.equal(getReal().rig.machine(MACHINES.feed).state, "on");
    });

    it("lets one of them go and come back, to its data", async () => {
      const machine = getReal().rig.machine(MACHINES.board);
      await machine.exec("echo photo >/var/lib/board/photo");
      await up("feed", "whoami");
      assert.equal((await machine.exec("cat /var/lib/board/photo")).stdout, "photo\n");
      await up(...APPS);
      for (const app of APPS) await answers(app);
      const seen =
        "cat /var/lib/kubelet/pods/*/volumes/kubernetes.io~local-volume/board-data/photo";
      assert.equal((await machine.exec(seen)).stdout, "photo\n");
    });
  });
});
