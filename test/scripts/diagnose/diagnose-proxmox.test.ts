import assert from "node:assert/strict";
import path from "node:path";
import { collectFromProxmox } from "../../../scripts/verbs/diagnose/collect-proxmox";
import { buildDiagnosis } from "../../../scripts/verbs/diagnose/report";
import { ProxmoxApi } from "../../../scripts/kit/proxmox/api";
import { Redactor } from "../../../scripts/kit/redact/redact";
import { loadProject } from "../../../scripts/kit/stack-file/project";
import { UserError } from "../../../scripts/kit/user-error";
import type { Change } from "../../support/homelab";
import { VIRTUAL } from "../../support/hypervisor";
import { homelabSite } from "../../support/site";

const TOKEN = "vmstation@pve!pulumi=1d3e-secret-of-the-token";

/** Plays the API by path; one that is not there is refused. */
class Played extends ProxmoxApi {
  constructor(private readonly answers: Readonly<Record<string, unknown>>) {
    super({ endpoint: "https://127.0.0.1:1", token: TOKEN });
  }

  override get(path: string): Promise<unknown> {
    if (path in this.answers) return Promise.resolve(this.answers[path]);
    return Promise.reject(new UserError(`Proxmox: 403 Permission check failed (${path})`));
  }
}

const collect = (open: () => Promise<ProxmoxApi>, changes: readonly Change[] = VIRTUAL) => {
  const project = loadProject(path.join(__dirname, "../../.."));
  const site = homelabSite(...changes);
  return collectFromProxmox({ project, stack: "mine", site }, undefined, open);
};

describe("the hypervisors in a diagnosis", () => {
  it("tell of hosts, storages, failed tasks and machines, without a secret", async () => {
    const evidence = await collect(() =>
      Promise.resolve(
        new Played({
          "/cluster/resources": [{ type: "node", node: "pve-a", cpu: 0.5 }],
          "/nodes/pve-a/tasks?errors=1&limit=20": [{ id: "263", status: `failed: ${TOKEN}` }],
          "/nodes/pve-a/qemu/263/config": { cores: 4, cipassword: "hunter22" },
          "/nodes/pve-a/qemu/263/pending": [{ key: "cipassword", value: "hunter22" }],
          "/nodes/pve-a/qemu/263/status/current": { status: "running" },
        }),
      ),
    );
    assert.ok(evidence !== undefined);
    const at = new Date(0);
    const { machines } = buildDiagnosis(
      { stack: "mine", at, evidence: [evidence] },
      new Redactor([TOKEN]),
    );
    const all = machines[0]?.sections ?? [];
    const textOf = (wanted: string) => all.find(({ name }) => name === wanted)?.text;
    assert.equal(textOf("maple: configuration"), "cipassword: <redacted>\ncores: 4");
    assert.equal(textOf("maple: status"), 'status: "running"');
    assert.match(textOf("hosts, storages and machines") ?? "", /"node":"pve-a","cpu":0\.5/);
    assert.match(textOf("pve-a: tasks that failed") ?? "", /failed: /);
    assert.match(textOf("cluster") ?? "", /^Proxmox: 403 .*\/cluster\/status/);
    assert.doesNotMatch(JSON.stringify(machines), /hunter22|1d3e-secret/);
  });

  it("tell of a machine where it runs, and that the configuration has it elsewhere", async () => {
    const moved = { type: "qemu", vmid: 263, name: "maple", node: "pve-b" };
    const evidence = await collect(() =>
      Promise.resolve(
        new Played({
          "/cluster/resources": [moved],
          "/nodes/pve-b/qemu/263/config": { cores: 4 },
        }),
      ),
    );
    const textOf = (wanted: string) =>
      evidence?.sections.find(({ name }) => name === wanted)?.text ?? "";
    assert.equal(textOf("maple: configuration"), "cores: 4");
    assert.match(
      textOf("machines on other hosts"),
      /^machines\.maple\.vm\.host: maple runs on pve-b, and the configuration has it on pve-a\./,
    );
  });

  it("say why where the API does not answer, and are none without virtual machines", async () => {
    const silent = await collect(() => Promise.reject(new UserError("Proxmox does not answer")));
    assert.deepEqual(
      [silent?.status, silent?.error],
      ["could-not-look", "Proxmox does not answer"],
    );
    assert.equal(await collect(() => assert.fail("it was asked"), []), undefined);
  });
});
