import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { renderWanted } from "../../components/bootstrap/kubespray/render-wanted";
import { kubespray } from "../../components/versions";
import { HOMELAB_FILE } from "../support/homelab";
import { argsOf } from "../unit/bootstrap/sites";
import type { EngineLab } from "./engine-lab";
import { openLab } from "./use-engine";

/** What the run left in the stack: the homelab as it is described, on an older version and without one worker. */
function renderRecord(): string {
  const wanted = renderWanted(argsOf("kubespray"));
  const { hazel, ...machines } = wanted.machines;
  assert.ok(hazel);
  const digests = Object.entries(wanted.groups).map(
    ([name, { digest }]) => [name, digest] as const,
  );
  const { clusterName, networks } = wanted;
  const groups = Object.fromEntries(digests);
  const versions = { kubernetesVersion: "1.34.7", kubespray: kubespray.tag };
  return JSON.stringify({
    intent: "an earlier one",
    record: { clusterName, networks, machines, groups, ...versions },
  });
}

/** A state that holds nothing but the stack with this output. */
async function importOutput(lab: EngineLab, stack: string, bootstrap: string): Promise<void> {
  const type = "pulumi:pulumi:Stack";
  const urn = `urn:pulumi:${stack}::vmstation::${type}::vmstation-${stack}`;
  const manifest = { time: "2026-01-01T00:00:00Z", magic: "", version: "" };
  const resources = [{ urn, custom: false, type, outputs: { bootstrap } }];
  const file = path.join(lab.folder, "imported.json");
  writeFileSync(file, JSON.stringify({ version: 3, deployment: { manifest, resources } }));
  const closed: unknown[] = await once(lab.start("stack", "import", "--file", file), "close");
  assert.equal(closed[0], 0);
}

describe("the engine's preview of the cluster by Kubespray", () => {
  let opened: EngineLab | undefined;

  before(async function () {
    opened = await openLab(this, {
      stack: "homelab",
      configFile: HOMELAB_FILE,
    });
  });
  after(() => {
    opened?.remove();
  });

  it("says before the first run that what is on the machines decides", async () => {
    const { ok, output } = (await opened?.preview()) ?? {};
    assert.ok(ok, output);
    assert.match(output ?? "", /no run is recorded in this stack\. Where maple has no cluster/);
  });

  it("names the playbooks between what the stack's last update left and what is wanted", async () => {
    const lab = opened;
    assert.ok(lab);
    await importOutput(lab, "hazel", renderRecord());
    const { ok, output } = await lab.preview();
    assert.ok(ok, output);
    const lines = output.split("\n").map((line) => line.trim());
    const first = lines.indexOf("playbooks that maple will run:");
    const tag = kubespray.tag;
    assert.deepEqual(lines.slice(first + 1, first + 5), [
      "1. snapshot (before an upgrade or a removal)",
      `2. upgrade-cluster.yml (Kubernetes 1.34.7 to 1.35.4, Kubespray ${tag} to ${tag})`,
      "3. playbooks/facts.yml (facts of all machines)",
      "4. scale.yml --limit hazel (hazel joined the configuration)",
    ]);
  });

  it("warns of a change that the run would refuse", async () => {
    const lab = opened;
    assert.ok(lab);
    await importOutput(lab, "hazel", renderRecord().replace("1.34.7", "1.33.1"));
    const { output } = await lab.preview();
    assert.match(
      output,
      /warning: `up` will be refused: from Kubernetes 1\.33\.1 to 1\.35\.4 skips/,
    );
  });
});
