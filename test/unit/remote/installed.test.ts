import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { controllerStep as backupStep } from "../../../components/backup/steps";
import { describeControlPlane } from "../../../components/bootstrap/facts";
import { isSleeper } from "../../../components/power/names";
import { controllerStep as powerStep } from "../../../components/power/steps";
import type { Step } from "../../../components/remote/step";
import { renderInstallStep } from "../../../components/validation/validation";
import { controllerOf } from "../../../stacks/site";
import { homelabSite } from "../../support/site";

const site = homelabSite([["apps", "minecraft"], { machine: "hazel", eula: true }]);
const { config, machines } = site;
const controller = controllerOf(site);

const STEPS: readonly (readonly [what: string, step: Step, entry: string])[] = [
  [
    "the power controller",
    powerStep({
      config: config.power,
      lan: config.lan,
      sleepers: machines.filter(isSleeper),
      apps: site.sleepingApps,
      hasSecret: () => true,
    }),
    "/usr/local/lib/vmstation/power/main.py",
  ],
  [
    "the backups",
    backupStep({
      clusterName: config.cluster.name,
      config: config.backup,
      controller,
      machines,
      controlPlane: describeControlPlane(config.bootstrap, controller.name),
      sources: site.facts.backups,
    }),
    "/usr/local/lib/vmstation/backup/main.py",
  ],
  [
    "the checks",
    renderInstallStep(config.validation, {
      machines,
      lan: config.lan,
      clusterDns: site.clusterDns,
      encapsulation: config.network.encapsulation,
      daemonSets: ["calico-node"],
      namespaces: [],
    }),
    "/usr/local/lib/vmstation/checks",
  ],
];

describe("the Python that a step installs", () => {
  let root: string;
  before(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-installed-"));
    for (const [, step] of STEPS)
      for (const { path: file, content } of step.files ?? []) {
        fs.mkdirSync(path.dirname(root + file), { recursive: true });
        fs.writeFileSync(root + file, content);
      }
  });
  after(() => {
    fs.rmSync(root, { recursive: true });
  });

  for (const [what, , entry] of STEPS) {
    it(`of ${what} is complete: every module that it imports is there`, () => {
      const ran = spawnSync("python3", ["-B", root + entry, "--help"], { encoding: "utf8" });
      assert.deepEqual([ran.status, ran.stderr], [0, ""]);
    });
  }

  it("of the checks has every group's file, each of which can be loaded", () => {
    const code = `import importlib, json, sys
sys.path.insert(0, sys.argv[1])
for group in json.load(open(sys.argv[2]))["groups"]:
    importlib.import_module(f"check_{group}")`;
    const words = ["/usr/local/lib/vmstation/checks", "/etc/vmstation/validation.json"];
    const args = ["-B", "-c", code, ...words.map((file) => root + file)];
    const ran = spawnSync("python3", args, { encoding: "utf8" });
    assert.deepEqual([ran.status, ran.stderr], [0, ""]);
  });
});
