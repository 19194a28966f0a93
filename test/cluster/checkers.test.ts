import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { renderAlertmanagerConfig } from "../../components/monitoring/parts/alertmanager";
import {
  containerRuntime,
  kubernetes,
  platformCharts,
  platformImages,
} from "../../components/versions";
import { run } from "../rig/command";
import { config } from "../unit/monitoring/homelab";
import { RECEIVERS, secretsOf } from "../unit/monitoring/receivers";
import { write } from "./credentials";
import { TOOLS, toolPath } from "./tools";
import { requireTools } from "./use-cluster";

describe("the tools' pins", () => {
  for (const [module, pin] of [
    ["kubernetes", `k8s.io/kubernetes v${kubernetes.version}`],
    ["helm", `helm.sh/helm/v3 v${containerRuntime.helm.version}`],
    ["coredns", `github.com/coredns/coredns v${platformImages.coreDns.tag}`],
    ["metallb", `go.universe.tf/metallb v${platformCharts.metallb.version}`],
    ["crds", `go.universe.tf/metallb v${platformCharts.metallb.version}`],
    ["crds", `github.com/cert-manager/cert-manager ${platformCharts.certManager.version}`],
    ["platform", `github.com/cert-manager/cert-manager ${platformCharts.certManager.version}`],
    ["tailscale", `tailscale.com ${platformImages.tailscale.tag}`],
  ] as const)
    it(`of ${module} are the program's own: ${pin}`, () => {
      const text = readFileSync(path.join(TOOLS, module, "go.mod"), "utf8");
      assert.ok(
        text.split("\n").some((line) =>
          line
            .trim()
            .replace(/^require /, "")
            .startsWith(pin),
        ),
      );
    });

  it("take the operator's definitions from the version that runs", () => {
    const versions = ["crds", "operator"].map((module) =>
      /prometheus-operator\/prometheus-operator (v[\d.]+)/
        .exec(readFileSync(path.join(TOOLS, module, "go.mod"), "utf8"))
        ?.at(1),
    );
    assert.equal(versions[0], versions[1]);
  });
});

describe("amtool", () => {
  let folder: string;

  before(function () {
    requireTools(this, ["prometheus"]);
    folder = mkdtempSync(path.join(tmpdir(), "vmstation-amtool-"));
  });

  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  for (const [index, receiver] of RECEIVERS.entries())
    it(`accepts Alertmanager's configuration with receiver ${index}, ${receiver.type}`, async () => {
      const rendered = renderAlertmanagerConfig(
        config().alertmanager,
        receiver,
        secretsOf(receiver),
      );
      const file = write(folder, `${index}.yaml`, stringify(rendered));
      await run(toolPath("amtool"), ["check-config", file]);
    });
});

describe("alloy", () => {
  it("accepts the collector's configuration, and finds it formatted", async function () {
    const alloy = process.env.ALLOY;
    if (alloy === undefined) {
      console.log("    pending: ALLOY names no alloy, whose module Go's proxy does not serve");
      this.skip();
    }
    const file = path.join(__dirname, "../../components/monitoring/files/collect.alloy");
    await run(alloy, ["fmt", "--test", file]);
    await run(alloy, ["validate", file], { env: { ...process.env, LOKI_URL: "http://loki:3100" } });
  });
});
