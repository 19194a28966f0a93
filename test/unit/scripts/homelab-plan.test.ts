import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";

const ROOT = path.join(__dirname, "../../..");

const planSchema = z.object({
  stack: z.string(),
  resources: z.array(
    z.object({
      urn: z.string(),
      type: z.string(),
      name: z.string(),
      parent: z.string().nullable(),
      dependencies: z.array(z.string()),
      inputs: z.record(z.string(), z.unknown()),
      secretInputs: z.array(z.string()),
      provider: z.string().nullable(),
    }),
  ),
  warnings: z.array(z.object({ path: z.string(), message: z.string() })),
});

function plan(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): { status: number | null; stdout: string; stderr: string } {
  const command = [
    path.join(ROOT, "scripts/vmstation.cjs"),
    "-C",
    ROOT,
    "plan",
    "--stack",
    "homelab",
    ...args,
  ];
  return spawnSync(process.execPath, command, {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    env: { ...process.env, ...env },
  });
}

/** The program as a newcomer runs it: nothing is mocked between the command and the graph. */
describe("the plan of the homelab, as a command", () => {
  let byKubespray = "";

  for (const method of ["kubespray", "kubeadm", "rke2"]) {
    it(`is one document, in which every dependency exists and comes first, with ${method}`, () => {
      const ran = plan(["--json", "--set", `bootstrap.method=${method}`]);
      assert.equal(ran.status, 0, ran.stderr);
      if (method === "kubespray") byKubespray = ran.stdout;
      const document = planSchema.parse(JSON.parse(ran.stdout));
      const seen = new Set<string>();
      for (const resource of document.resources) {
        for (const urn of resource.dependencies)
          assert.ok(seen.has(urn), `${resource.name} needs ${urn}`);
        seen.add(resource.urn);
        if (resource.type === "command:remote:Command") {
          assert.equal(resource.inputs.connection, "[secret]");
          assert.ok(resource.secretInputs.includes("connection"));
        }
        if (resource.type.startsWith("kubernetes:"))
          assert.match(resource.provider ?? "", /::kubernetes$/);
      }
      assert.ok(document.warnings.some((warning) => warning.path === "machines.homelab.hostKey"));
    });
  }

  it("is the same to the byte when the SDK is loaded whole", () => {
    const args = ["--json", "--set", "bootstrap.method=kubespray"];
    const whole = plan(args, { VMSTATION_FULL_SDK: "1" });
    assert.equal(whole.status, 0, whole.stderr);
    assert.equal(whole.stdout, byKubespray || plan(args).stdout);
  });

  it("is what the picture in the README shows", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "vmstation-graph-"));
    const file = path.join(folder, "homelab.svg");
    const ran = plan(["--graph", file]);
    assert.equal(ran.status, 0, ran.stderr);
    const drawn = readFileSync(file, "utf8");
    rmSync(folder, { recursive: true });
    const message = "draw it anew: npm run plan -- --graph docs/homelab.svg";
    assert.ok(drawn === readFileSync(path.join(ROOT, "docs/homelab.svg"), "utf8"), message);
  });

  it("lists every mistake with its key, and ends with 1 and no stack trace", () => {
    const ran = plan([
      "--set",
      "power.idleAfter=soon",
      "--set",
      "monitoring.grafana.nodePort=3000",
    ]);
    assert.equal(ran.status, 1);
    assert.match(
      ran.stderr,
      /2 mistakes in the configuration of stack homelab; nothing was touched/,
    );
    assert.match(ran.stderr, /vmstation:power\.idleAfter\n +found +"soon"\n +accepted a duration/);
    assert.match(ran.stderr, /vmstation:monitoring\.grafana\.nodePort\n +found +3000/);
    assert.doesNotMatch(ran.stderr, /^ +at /m);
    assert.equal(ran.stdout, "");
  });
});
