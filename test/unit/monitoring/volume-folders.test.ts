import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import { planMonitoring } from "../../../components/monitoring/plan";
import { renderVolumeFolders } from "../../../components/monitoring/volumes";
import type { Step } from "../../../components/remote/step";
import { Sandbox } from "../../support/sandbox";
import { config, MACHINES, site } from "./homelab";

const volumes = planMonitoring(config(), site()).plans.flatMap((plan) => plan.volumes ?? []);

/** The real step with the folders moved into the sandbox, owned by the user who runs the test. */
function stepIn(sandbox: Sandbox, mountPoint: string): Step {
  const { uid, gid } = os.userInfo();
  const [, maple] = MACHINES;
  assert.ok(maple);
  const step = renderVolumeFolders(maple, config(), volumes);
  return {
    ...step,
    settings: {
      MOUNT_POINT: mountPoint,
      BASE: sandbox.at("data"),
      FOLDERS: ["prometheus", "loki"].map((name) => `${sandbox.at(`data/${name}`)} ${uid}:${gid}`),
    },
  };
}

describe("the step that makes the volumes' folders", () => {
  let sandbox: Sandbox;

  beforeEach(() => {
    sandbox = new Sandbox();
    // ensure_dir gives the folder above them to root, which only root can do.
    fs.mkdirSync(sandbox.at("data"), { mode: 0o755 });
  });

  afterEach(() => {
    sandbox.remove();
  });

  it("gets the mount, the folders and their numeric owners", () => {
    const [, maple] = MACHINES;
    assert.ok(maple);
    assert.deepEqual(renderVolumeFolders(maple, config(), volumes).settings, {
      MOUNT_POINT: "/srv/monitoring_data",
      BASE: "/srv/monitoring_data",
      FOLDERS: [
        "/srv/monitoring_data/prometheus 1000:2000",
        "/srv/monitoring_data/grafana 472:472",
        "/srv/monitoring_data/loki 10001:10001",
      ],
    });
  });

  it("makes nothing, and says what to do, while the promised mount is not there", () => {
    const ran = sandbox.run(stepIn(sandbox, sandbox.at("data")), "apply");
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /nothing is mounted at .*\/data, so .* would fill the root disk/);
    assert.match(ran.stderr, /to do: set vmstation:machines\.sandbox\.mounts/);
    assert.deepEqual(fs.readdirSync(sandbox.at("data")), []);
  });

  it("reports a mount that is gone as drift, and looks no further", () => {
    const ran = sandbox.run(stepIn(sandbox, sandbox.at("data")), "check");
    assert.equal(ran.code, 3);
    assert.equal(ran.stdout, `drift\tmount\t${sandbox.at("data")}\tnot mounted\n`);
  });

  describe("inside a mount", function () {
    before(function () {
      if (process.getuid?.() === 0) return;
      console.log("    skipped: only root may give folders to another user");
      this.skip();
    });

    it("makes the folders, leaves what the kubelet changes alone, and keeps data on removal", () => {
      const step = stepIn(sandbox, "/");
      assert.equal(sandbox.run(step, "check").code, 3);
      const first = sandbox.run(step, "apply");
      assert.equal(first.code, 0, first.stderr);
      assert.equal(fs.statSync(sandbox.at("data/loki")).mode & 0o7777, 0o770);

      // As the kubelet does for a pod's fsGroup.
      fs.chmodSync(sandbox.at("data/loki"), 0o2775);
      fs.writeFileSync(sandbox.at("data/loki/chunk"), "logs");
      assert.equal(sandbox.run(step, "check").code, 0);
      assert.equal(sandbox.run(step, "apply").stderr, "");
      assert.equal(fs.statSync(sandbox.at("data/loki")).mode & 0o7777, 0o2775);

      assert.equal(sandbox.run(step, "remove").code, 0);
      assert.equal(sandbox.read("data/loki/chunk"), "logs");
      assert.ok(!sandbox.exists("data/prometheus"));
    });
  });
});
