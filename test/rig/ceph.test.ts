import assert from "node:assert/strict";
import { platformChecks } from "../../components/platform/facts";
import { monitorsStep } from "../../components/platform/storage/monitors-step";
import { renderStdin } from "../../components/remote/render-stdin";
import type { Step } from "../../components/remote/step";
import { renderInstallStep } from "../../components/validation/validation";
import { parseKey } from "../../components/platform/storage/storage";
import { platformSite } from "../unit/platform/sites";
import { CEPH } from "../unit/platform/storage-sites";
import { expected } from "../unit/validation/run-checks";
import { CephCluster } from "./ceph/cluster";
import { cephRepository } from "./ceph/packages";
import type { CommandResult } from "./command";
import type { Machine } from "./machine";
import { HOMELAB } from "./machine-spec";
import { currentRun } from "./run-context";
import { useRig } from "./use-rig";
import { waitFor } from "./wait";

/** What is somebody else's: its name begins as that of the client's pool, and it holds a disk. */
const OTHER = "kubernetes-vms";

/** What the client is there for, in the order in which a volume's life goes. */
const ALLOWED = [
  "rbd create --size 10M kubernetes/volume",
  "rbd info kubernetes/volume",
  "rbd resize --size 20M kubernetes/volume",
  "rbd bench --io-type write --io-size 4K --io-total 64K kubernetes/volume",
  "rbd snap create kubernetes/volume@before",
  "rbd snap ls kubernetes/volume",
  "rbd snap rm kubernetes/volume@before",
  "rbd ls kubernetes",
  "rbd rm kubernetes/volume",
];

/** What it must not be able to do: with another pool, with keys and rights, with the cluster. */
const REFUSED = [
  ...[`rbd ls ${OTHER}`, `rbd info ${OTHER}/disk`, `rbd rm ${OTHER}/disk`],
  ...[`rbd create --size 1M ${OTHER}/mine`, `rados -p ${OTHER} ls`],
  ...[`rados -p ${OTHER} put mine /etc/hostname`, `rados -p ${OTHER} get rbd_directory -`],
  ...["ceph auth ls", "ceph auth get-key client.admin", "ceph auth get client.kubernetes"],
  ...["ceph auth caps client.kubernetes mon 'allow *'", "ceph auth get-or-create client.mine"],
  "ceph osd pool delete kubernetes kubernetes --yes-i-really-really-mean-it",
  ...["ceph osd pool create mine", "ceph osd pool set kubernetes size 3", "ceph osd out 0"],
  ...[
    "ceph osd down 0",
    "ceph osd crush remove osd.0",
    "ceph config-key ls",
    "ceph config set mon a b",
  ],
];

describe("the client of Ceph that the documents describe, and Debian's Ceph", function () {
  const getRig = useRig({ machines: HOMELAB.slice(0, 2) });
  let ceph: CephCluster;
  let control: Machine;

  before(async function () {
    this.timeout(300_000);
    const repository = cephRepository(currentRun()?.cache ?? "");
    if (repository === undefined) {
      console.log("    pending: Debian's Ceph could not be fetched");
      this.skip();
    }
    control = getRig().machine("maple");
    ceph = new CephCluster(getRig().machine("spruce"), repository, CEPH.fsid);
    await ceph.start();
    await ceph.admin(`ceph osd pool create ${OTHER} && rbd pool init ${OTHER}
rbd create --size 10M ${OTHER}/disk`);
  });

  it("is made by what they say, with a key that the program takes", async () => {
    const key = await ceph.makeClient();
    const { keySecret } = CEPH;
    assert.equal(parseKey(key, { user: "kubernetes", keySecret }), key);
  });

  it("does in its pool what volumes need", async () => {
    for (const words of ALLOWED) {
      const { code, stderr } = await ceph.client(words);
      assert.equal(code, 0, `${words}\n${stderr}`);
    }
  });

  it("may do nothing else", async () => {
    const before = await ceph.admin("ceph auth ls; ceph osd dump");
    for (const words of REFUSED) {
      const { code, stdout, stderr } = await ceph.client(words);
      assert.notEqual(code, 0, `${words}\n${stdout}`);
      assert.match(stderr, /Operation not permitted|access denied/, words);
    }
    const after = await ceph.admin("ceph auth ls; ceph osd dump");
    assert.equal(after.stdout, before.stdout);
    assert.equal((await ceph.admin(`rbd ls ${OTHER}`)).stdout, "disk\n");
  });

  describe("its monitors", () => {
    const perform = (step: Step): Promise<CommandResult> => {
      const input = renderStdin(step, { machine: control.name, lockSeconds: 60 });
      return control.exec("sh -eus apply", { input, anyCode: true });
    };
    /** What `up` does before it makes the class. */
    const up = (): Promise<CommandResult> => perform(monitorsStep([ceph.machine.address]));
    /** What the checks say of them. */
    const judge = async (): Promise<string> => {
      const { stdout } = await control.exec("vmstation-validate platform", { anyCode: true });
      return stdout.split("\n").find((line) => line.includes("Ceph's monitors")) ?? stdout;
    };

    before(async () => {
      const { platform, config } = platformSite({
        storage: { ceph: { ...CEPH, monitors: [ceph.machine.address] } },
      });
      assert.ok(platform);
      const settings = { ...expected, platformChecks: platformChecks(platform) };
      const installed = await perform(renderInstallStep(config.validation, settings));
      assert.equal(installed.code, 0, installed.stderr);
    });

    it("answer the control plane, in `up` and in the checks", async () => {
      const { code, stderr } = await up();
      assert.equal(code, 0, stderr);
      assert.match(await judge(), /pass.*1 answer/i);
    });

    it("are said not to answer by both, whether only Ceph has stopped or the whole machine", async () => {
      const { address } = ceph.machine;
      await ceph.admin("systemctl stop ceph-mon@a");
      const stopped = await up();
      assert.equal(stopped.code, 1);
      assert.match(stopped.stderr, new RegExp(`${address} does not answer \\(.*refused`));
      assert.match(stopped.stderr, /vmstation:platform\.storage\.ceph\.monitors/);
      assert.match(await judge(), /fail.*does not answer/i);
      await ceph.machine.freeze();
      assert.match((await up()).stderr, new RegExp(`${address} does not answer \\(.*timed out`));
      assert.match(await judge(), /fail.*does not answer/i);
      await ceph.machine.thaw();
      await ceph.admin("systemctl start ceph-mon@a");
      await waitFor("the monitor", async () => (await up()).code === 0);
      assert.match(await judge(), /pass.*1 answer/i);
    });
  });
});
