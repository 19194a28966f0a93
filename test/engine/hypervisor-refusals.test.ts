import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { DESCRIPTION, TAG } from "../../components/hypervisor/virtual";
import { runUpdate } from "../../scripts/kit/pulumi/run-update";
import { UserError } from "../../scripts/kit/user-error";
import { applySetting, parseSetting } from "../../scripts/kit/stack-file/setting";
import { loadProject } from "../../scripts/kit/stack-file/project";
import { loadStackConfig } from "../../scripts/kit/stack-file/stack-config";
import { TOKEN } from "./fake-pve";
import { useFakePve } from "./use-fake-pve";
import { RIGHTS } from "./virtual-lab";

const CONFIG = path.join(__dirname, "Pulumi.virtual.yaml");

/** Stands for the CLI: it knows the token, makes stacks, and notes everything else that it was asked for. */
const CLI = `#!/usr/bin/env node
const fs = require("fs");
const [command, sub, name] = process.argv.slice(2);
if (command === "config") process.stdout.write(${JSON.stringify(TOKEN)});
else if (command === "stack" && sub === "init") {
  const folder = require("url").fileURLToPath(process.env.PULUMI_BACKEND_URL) + "/.pulumi/stacks/vmstation";
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(folder + "/" + name + ".json", "{}");
  fs.writeFileSync("Pulumi." + name + ".yaml", "encryptionsalt: v1:salt\\n");
} else if (command === "stack" && sub === "export") {
  process.stdout.write('{ "version": 3, "deployment": {} }');
} else fs.appendFileSync(process.env.CALLS, process.argv.slice(2).join(" ") + "\\n");
`;

const machineRights = new Map(Object.entries(RIGHTS)).get("/pool/vmstation") ?? [];

describe("vmstation up, before Pulumi runs anything", function () {
  this.timeout(60_000);
  const pve = useFakePve();
  let root: string;
  const environment = { ...process.env };

  beforeEach(async () => {
    root = mkdtempSync(path.join(tmpdir(), "vmstation-refusal-"));
    mkdirSync(path.join(root, "bin"));
    writeFileSync(path.join(root, "bin/pulumi"), CLI, { mode: 0o755 });
    writeFileSync(path.join(root, "Pulumi.yaml"), "name: vmstation\nruntime: nodejs\n");
    writeFileSync(path.join(root, "calls"), "");
    process.env.PATH = `${path.join(root, "bin")}:${environment.PATH ?? ""}`;
    process.env.CALLS = path.join(root, "calls");
    for (const name of ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"])
      Reflect.deleteProperty(process.env, name);
    await pve().call("heal");
    await pve().call("empty");
    await pve().call("allow", RIGHTS);
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
    process.env = { ...environment };
  });

  /** What `up` ends with; and that Pulumi has done nothing, nor Proxmox. */
  async function refuse(...settings: readonly string[]): Promise<string> {
    const project = loadProject(root);
    const config = loadStackConfig(project, "virtual", CONFIG);
    const authority = `hypervisor.certificateAuthority=${JSON.stringify(pve().authority)}`;
    for (const text of [`hypervisor.endpoint=${pve().endpoint}`, authority, ...settings])
      applySetting(config, project.name, parseSetting(text));
    const file = path.join(root, "Pulumi.virtual.yaml");
    writeFileSync(file, stringify({ config: Object.fromEntries(config) }));
    await pve().call("asked");
    const options = { cwd: root, stack: "virtual", configFile: undefined, diff: false };
    const said = await runUpdate("up", {
      args: [[]],
      options: { ...options, target: [], json: false, yes: true },
    }).then(
      (code) => `up ended with ${code}`,
      (error: unknown) => {
        if (error instanceof UserError) return error.message;
        throw error;
      },
    );
    assert.equal(readFileSync(path.join(root, "calls"), "utf8"), "", "Pulumi was asked for more");
    assert.deepEqual(await pve().call("asked"), []);
    assert.ok(!said.includes("secret-of-the-token"), said);
    return said;
  }

  it("names all that is missing at once, with its key", async () => {
    await pve().call("make", 151, "nas", "pve-a");
    await pve().call("hide", 152, "dns", "pve-b");
    await pve().call("storage", "local", "iso,backup");
    const left = machineRights.filter((right) => right !== "VM.Config.CPU");
    await pve().call("allow", { ...RIGHTS, "/pool/vmstation": left });
    const said = await refuse("hypervisor.storage=tank", "hypervisor.bridge=vmbr7");
    assert.deepEqual(
      said.split("\n").map((line) => line.trim()),
      [
        "Nothing was changed, since Proxmox cannot do what the update needs:",
        "hypervisor.tokenSecret: the token lacks VM.Config.CPU on /pool/vmstation",
        "hypervisor.tokenSecret: the token lacks Datastore.AllocateSpace, Datastore.Audit on /storage/tank",
        "hypervisor.tokenSecret: the token lacks SDN.Use on /sdn/zones/localnetwork/vmbr7",
        ...["pve-a", "pve-b"].flatMap((host) => [
          `hypervisor.storage: tank on ${host} is not there, or the token lacks Datastore.Audit`,
          `hypervisor.image.storage: local on ${host} allows iso,backup, and not the content import`,
          `hypervisor.bridge: ${host} has no bridge vmbr7, or the token lacks SDN.Use on it`,
        ]),
        "machines.ichi.vm.id: 151 is nas in Proxmox",
        "machines.ni.vm.id: 152 is a machine in Proxmox that the token does not see",
      ],
    );
  });

  it("refuses a pool that is not there, to which rights may be given anyway", async () => {
    await pve().call("allow", { ...RIGHTS, "/pool/other": machineRights });
    const said = await refuse("hypervisor.pool=other");
    assert.match(
      said,
      /hypervisor\.pool: there is no pool other\. .*pveum pool add other\. Or let up make it/m,
    );
  });

  it("refuses more memory than a host has without asking Proxmox", async () => {
    const said = await refuse("machines.ichi.memory=24Gi", "hypervisor.hosts.pve-a.memory=16Gi");
    assert.match(said, /pve-a/);
    assert.match(said, /memory/);
  });

  it("refuses where the API does not answer and there are machines to make", async () => {
    const said = await refuse("hypervisor.endpoint=https://127.0.0.9:1");
    assert.match(
      said,
      /^ {2}machines\.ichi, ni: to be made or changed in Proxmox\. Proxmox does not answer at https:\/\/127\.0\.0\.9:1: .*ECONNREFUSED/m,
    );
  });

  it("refuses a machine by our number and name that VMStation has not made", async () => {
    await pve().call("make", 151, "ichi", "pve-a");
    const said = await refuse();
    assert.match(
      said,
      /^ {2}machines\.ichi\.vm: Proxmox has virtual machine 151 \(ichi\) on pve-a, and the state of the stack does not: VMStation has not made it/m,
    );
  });

  it("refuses a machine of the stack whose state is lost, with the command that goes on", async () => {
    await pve().call("make", 151, "ichi", "pve-a");
    await pve().call("by_hand", 151, {
      ...{ description: DESCRIPTION, tags: TAG, scsi0: "ceph-pool:vm-151-disk-0,size=64G" },
      ipconfig0: "gw=10.214.0.1,ip=10.214.0.51/24",
    });
    assert.match(
      await refuse(),
      /its state has nothing of Proxmox: ichi \(151 on pve-a\)\..* npx vmstation .*pulumi up --target '\*\*::hypervisor' --target '\*\*::hypervisor-proxmox'/,
    );
  });

  it("refuses to change a machine that is locked", async () => {
    await pve().call("make", 151, "ichi", "pve-a");
    await pve().call("change", 151, { lock: "backup" });
    const said = await refuse();
    assert.match(
      said,
      /^ {2}machines\.ichi\.vm: virtual machine 151 on pve-a is locked \(backup\), and its .*memory.* must change\..*qm unlock 151$/m,
    );
  });

  it("says that a machine which hibernates must wake before it changes", async () => {
    await pve().call("make", 151, "ichi", "pve-a");
    await pve().call("change", 151, { lock: "suspended" });
    const said = await refuse();
    assert.match(
      said,
      /^ {2}machines\.ichi\.vm: virtual machine 151 on pve-a hibernates, and its .*memory.* must change\..*npx vmstation wake ichi$/m,
    );
    assert.ok(!said.includes("qm unlock"), said);
  });

  it("refuses another storage for a machine that is there, and says how its disk moves", async () => {
    await pve().call("make", 151, "ichi", "pve-a");
    await pve().call("by_hand", 151, { scsi0: "local-lvm:vm-151-disk-0,size=64G" });
    const said = await refuse();
    assert.match(
      said,
      /^ {2}hypervisor\.storage: the disk of ichi is in the storage local-lvm, not ceph-pool\..* qm disk move 151 scsi0 ceph-pool, then npx vmstation refresh$/m,
    );
  });

  it("refuses where the quorum is lost, if the token may see that", async () => {
    await pve().call("allow", { ...RIGHTS, "/": ["Sys.Audit"] });
    await pve().call("lose_quorum");
    assert.match(
      await refuse(),
      /^ {2}hypervisor: the Proxmox cluster has lost its quorum \(2 of its 2 hosts are online\)/m,
    );
  });

  it("does not wait for an API that is slow", async () => {
    const api = pve().api(300);
    await pve().call("hush", [["GET", "/version"]]);
    await assert.rejects(
      api.get("/version"),
      /^UserError: Proxmox does not answer at \S+ within 0\.3 seconds$/,
    );
  });
});
