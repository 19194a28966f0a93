import assert from "node:assert/strict";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { renderUrn } from "../../../scripts/engine/urn";
import { type Ran, vmstationWith } from "../../support/command-line";
import { commandOn, deployment, other } from "../forget/states";

const ROOT = resolve(__dirname, "../../..");
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKdYdLPMmVc3ycEHwUnzWkrO9LWVmTmG0LJZJ1M8dHyC";

/** Stands for the CLI: a state that is one file. */
const CLI = `#!/bin/sh
case "$2" in
  export) cat "$STATE" ;;
  import) while [ "$1" != --file ]; do shift; done; cp "$2" "$STATE" ;;
esac
`;

/** Stands for ssh. "bash -s" is birch, which looks at amber; else it is amber. */
const SSH = `#!/bin/sh
cat >/dev/null
case "$*" in
  *"bash -s -- 192.168.10.20 22") exit "$BIRCH" ;;
  *192.168.10.20*) exit "$AMBER" ;;
esac
exit 9
`;

const machine = (name: string, last: number, more: string): string => `
    ${name}:
      address: 192.168.10.${last}
      mac: "52:54:00:20:00:${last}"
      nic: enp1s0
      os: debian-12
      sshUser: ops
      hostKey: ${KEY}
      ${more}`;

const FILE = `# mine
config:
  vmstation:cluster:
    name: house
  vmstation:lan:
    cidr: 192.168.10.0/24
    gateway: 192.168.10.1
  vmstation:machines:${["amber", "birch", "cedar"].map((name, i) => machine(name, 20 + i, "roles: [control-plane, etcd]")).join("")}${machine("nas", 30, "roles: [worker]\n      power: { mode: sleeps }")}
  vmstation:bootstrap:
    method: kubeadm
    endpoint: { address: 192.168.10.9 }
`;

const stateSchema = z.object({
  deployment: z.object({
    resources: z.array(z.object({ urn: z.string(), dependencies: z.array(z.string()).optional() })),
  }),
});

const urn = (type: string, name: string): string =>
  renderUrn({ stack: "lab", project: "vmstation", parent: undefined, type, name });
const POWER = { parent: urn("vmstation:power:Power", "power") };
const BACKUP = { parent: urn("vmstation:backup:Backup", "backup") };
const NODE = { parent: urn("vmstation:node:Node", "node-amber") };

describe("vmstation takeover", function () {
  this.timeout(60_000);
  let root = "";
  let before = "";
  const stackFile = (): string => fs.readFileSync(join(root, "Pulumi.lab.yaml"), "utf8");

  beforeEach(() => {
    root = fs.mkdtempSync(join(tmpdir(), "vmstation-takeover-"));
    fs.mkdirSync(join(root, "bin"));
    fs.writeFileSync(join(root, "bin/pulumi"), CLI, { mode: 0o755 });
    fs.writeFileSync(join(root, "bin/ssh"), SSH, { mode: 0o755 });
    const manifest = fs.readFileSync(join(ROOT, "Pulumi.yaml"), "utf8");
    fs.writeFileSync(
      join(root, "Pulumi.yaml"),
      manifest.replace(/^main: .*$/m, () => `main: ${join(ROOT, "index.ts")}`),
    );
    fs.writeFileSync(join(root, "Pulumi.lab.yaml"), FILE);
    const controller = commandOn("amber", "power-controller-amber", POWER);
    // As the first versions named it.
    const earlier = commandOn("amber", "power-controller", POWER);
    const whole = deployment(
      commandOn("amber", "node-amber-last", NODE),
      controller,
      earlier,
      commandOn("amber", "backup-controller-amber", BACKUP),
      commandOn("birch", "on-birch"),
      other("token", { dependencies: [controller.urn] }),
    );
    before = JSON.stringify({ version: 3, deployment: whole });
    fs.writeFileSync(join(root, "state.json"), before);
  });
  afterEach(() => {
    fs.rmSync(root, { recursive: true });
  });

  /** `amber` and `birch`: how their ssh ends; 255 is no answer. */
  function takeover(words: string[], amber = 255, birch = 1): Promise<Ran> {
    const { HOME = "", PATH = "" } = process.env;
    const env = {
      ...{ HOME, PATH: [join(root, "bin"), resolve(process.execPath, ".."), PATH].join(":") },
      ...{ VMSTATION_OFFLINE: "1", PULUMI_HOME: join(root, "home") },
      ...{ STATE: join(root, "state.json"), AMBER: String(amber), BIRCH: String(birch) },
    };
    return vmstationWith(env, "-C", root, "takeover", "--stack", "lab", ...words);
  }
  const unchanged = (): void => {
    assert.equal(stackFile(), FILE);
    assert.equal(fs.readFileSync(join(root, "state.json"), "utf8"), before);
  };

  it("writes the file, takes the dead controller's work out of the state, and says what is next", async () => {
    const { status, stdout, stderr } = await takeover(["birch", "--yes", "--json"]);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    const lines = FILE.split("\n");
    assert.deepEqual(
      stackFile()
        .split("\n")
        .filter((line) => !lines.includes(line)),
      ["    controller: birch", "      offline: true"],
    );
    const text = fs.readFileSync(join(root, "state.json"), "utf8");
    const { resources } = stateSchema.parse(JSON.parse(text)).deployment;
    assert.deepEqual(
      resources.map((resource) => [resource.urn.replace(/^.*::/, ""), resource.dependencies]),
      [
        ["node-amber-last", undefined],
        ["on-birch", undefined],
        ["token", []],
      ],
    );
    const document = z
      .object({ backup: z.string(), dropped: z.array(z.object({ name: z.string() })) })
      .parse(JSON.parse(stdout));
    assert.deepEqual(
      document.dropped.map(({ name }) => name),
      ["power-controller-amber", "power-controller", "backup-controller-amber"],
    );
    assert.equal(fs.readFileSync(document.backup, "utf8"), before);
    const again = await takeover(["birch", "--yes"]);
    assert.equal(again.status, 1);
    assert.match(again.stderr, /^birch is the controller already\.\n/);
  });

  it("refuses while the controller answers, here or to its successor, or the successor does not", async () => {
    for (const [amber, birch, words] of [
      [0, 1, /^amber, the present controller, answers\. .*--force/],
      [
        255,
        0,
        /^amber, the present controller, does not let this computer in, but birch reaches it/,
      ],
      [255, 255, /^birch does not answer: no connection\./],
    ] as const) {
      const { status, stderr } = await takeover(["birch", "--yes"], amber, birch);
      assert.equal(status, 1);
      assert.match(stderr, words);
    }
    unchanged();
  });

  it("takes over from one that answers with --force, and shows and asks first", async () => {
    // With nothing there no plan has to be made.
    before = JSON.stringify({ version: 3, deployment: deployment(commandOn("birch", "on-birch")) });
    fs.writeFileSync(join(root, "state.json"), before);
    const { status, stderr } = await takeover(["birch", "--force"], 0, 0);
    assert.equal(status, 2);
    assert.match(stderr, /^birch becomes the controller in place of amber\.\n/);
    assert.match(stderr, /^ {2}the backups in \/srv\/backups\/vmstation on amber; new ones/m);
    assert.match(stderr, /run it again with --yes\.\n$/);
    const dry = await takeover(["birch", "--force", "--dry-run"], 0, 0);
    assert.deepEqual({ status: dry.status, stderr: dry.stderr }, { status: 0, stderr: "" });
    assert.match(dry.stdout, /^ {2}cluster\.controller: birch$/m);
    unchanged();
  });

  it("refuses a machine that is no control plane, and a cluster that only the dead machine leads to", async () => {
    const worker = await takeover(["nas", "--yes"]);
    assert.match(worker.stderr, /^nas is not a control plane\. .*amber: birch, cedar\.\n$/);
    const text = FILE.replace(/^ {4}endpoint.*\n/m, "");
    fs.writeFileSync(join(root, "Pulumi.lab.yaml"), text);
    const alone = await takeover(["birch", "--yes"]);
    assert.equal(alone.status, 1);
    assert.match(alone.stderr, /^VMStation reaches the API server of amber alone/);
    assert.equal(stackFile(), text);
  });
});
