import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCommand } from "../../scripts/verbs/init/command";
import { Draft } from "../../scripts/verbs/init/draft";
import { listMachines } from "../../scripts/verbs/init/list-machines";
import { TOKEN_VARIABLE } from "../../scripts/verbs/init/proxmox/connect";
import { TOKEN } from "./fake-pve";
import { useFakePve } from "./use-fake-pve";

describe("init, with the virtual machines of an API that checks each request", () => {
  let folder: string;
  // Before the API: where there is none, the folder is removed too.
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "vmstation-init-"));
  });
  const pve = useFakePve();
  const own = process.env[TOKEN_VARIABLE];

  before(async () => {
    writeFileSync(path.join(folder, "ca.pem"), `${pve().authority}\n`);
    process.env[TOKEN_VARIABLE] = TOKEN;
    await pve().call("allow", { "/vms": ["VM.Audit", "VM.GuestAgent.Audit"] });
    for (const [id, name, host] of [
      [101, "web", "pve-a"],
      [103, "media", "pve-b"],
      [104, "off", "pve-b"],
    ] as const)
      await pve().call("make", id, name, host);
    for (const id of [101, 103]) await pve().call("change", id, { status: "running" });
    await pve().call("by_hand", 101, { ciuser: "ops", ipconfig0: "ip=10.214.0.61/24" });
    await pve().call("agent_address", 103, "10.214.0.63");
  });
  after(() => {
    if (own === undefined) Reflect.deleteProperty(process.env, TOKEN_VARIABLE);
    else process.env[TOKEN_VARIABLE] = own;
    rmSync(folder, { recursive: true, force: true });
  });

  let said = "";
  const list = (...words: readonly string[]) => {
    const args = ["--stack", "mine", "--proxmox", pve().endpoint, "--user", "me"];
    const command = createCommand().exitOverride();
    command.parse([...args, "--proxmox-ca", path.join(folder, "ca.pem"), ...words], {
      from: "user",
    });
    const flags = { withoutVault: false, force: false, yes: true, dryRun: true, json: false };
    const draft = new Draft(path.join(folder, "draft.json"));
    said = "";
    return listMachines({ ...command.opts(), ...flags, cwd: folder }, draft, (text) => {
      said += text;
    });
  };

  it("takes those that the command line names, and changes nothing in Proxmox", async () => {
    const machines = await list("-m", "web", "-m", "media", "--control-plane", "web");
    assert.deepEqual(
      machines.map(({ name, address, user, roles, vm }) => [name, address, user, roles, vm]),
      [
        ["web", "10.214.0.61", "ops", ["control-plane", "etcd"], { id: 101, host: "pve-a" }],
        ["media", "10.214.0.63", "me", ["worker"], { id: 103, host: "pve-b" }],
      ],
    );
    assert.match(
      said,
      /^Virtual machines of https:.*\n {2}101 {2}web {4}pve-a {2}running {2}10\.214\.0\.61\n/,
    );
    assert.match(said, /left out, .*: off\n$/);
    assert.ok(!said.includes("secret-of-the-token"));
    assert.deepEqual(await pve().call("asked"), []);
  });

  it("refuses one that is off, has no address, or is to sleep", async () => {
    await assert.rejects(list("-m", "off", "--control-plane", "off"), /no host and no group off/);
    await assert.rejects(
      list("--control-plane", "web", "--sleeps", "media"),
      /no magic packet wakes a virtual machine/,
    );
  });

  it("says what a token without rights does not see", async () => {
    await pve().call("allow", { "/nodes/pve-a": ["Sys.Audit"] });
    await assert.rejects(list("-m", "web"), /for which it has VM\.Audit/);
  });
});
