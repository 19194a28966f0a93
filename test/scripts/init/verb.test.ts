import assert from "node:assert/strict";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ShownMachine } from "../../../scripts/verbs/init/look";
import { type InitReport, renderDone, renderShown } from "../../../scripts/verbs/init/render";
import { TargetFile } from "../../../scripts/verbs/init/target-file";
import { type Ran, vmstationWith } from "../../support/command-line";
import { KEY, lookOutput } from "./looks";

const INVENTORY = `
[kube_control_plane]
master ansible_host=192.168.8.63
[kube_node]
storage ansible_host=192.168.8.61
[all:vars]
ansible_user=robin
`;

describe("vmstation init", () => {
  let folder = "";
  const at = (file: string): string => join(folder, file);

  before(() => {
    folder = fs.mkdtempSync(join(tmpdir(), "vmstation-init-"));
    fs.mkdirSync(at("bin"));
    fs.writeFileSync(at("Pulumi.yaml"), "name: vmstation\nruntime: nodejs\n");
    fs.writeFileSync(at("hosts"), INVENTORY);
    // OpenSSH's programs, without a network: every machine shows one key, and what it was seen to be.
    const scan = `#!/bin/sh\nfor address do :; done\necho "$address ${KEY}"\n`;
    fs.writeFileSync(at("bin/ssh-keyscan"), scan, { mode: 0o755 });
    const ssh = `#!/bin/sh\necho "$*" >>"$CALLS"\nwhile [ "$1" != -- ]; do shift; done\ncat >/dev/null\ncat "$LOOKS/$2"\n`;
    fs.writeFileSync(at("bin/ssh"), ssh, { mode: 0o755 });
    for (const host of ["63", "61"]) fs.writeFileSync(at(`192.168.8.${host}`), lookOutput(host));
  });

  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  function init(...args: string[]): Promise<Ran> {
    const env = {
      ...{ HOME: folder, PATH: `${at("bin")}:${process.env.PATH ?? ""}` },
      ...{ LOOKS: folder, CALLS: at("calls") },
    };
    const words = ["-C", folder, "init", "--stack", "mine", "--from", at("hosts"), ...args];
    return vmstationWith(env, ...words);
  }

  it("writes the file of an inventory's machines, each looked at in one session", async () => {
    const { status, stdout, stderr } = await init("--yes", "--sleeps", "storage", "--json");
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^They show these host keys:\n {2}master {3}SHA256:\S+ \(ssh-ed25519\)\n/);
    const document: unknown = JSON.parse(stdout);
    assert.deepEqual(document, {
      ...{ version: 1, stack: "mine", file: at("Pulumi.mine.yaml"), written: true, backup: null },
      machines: [
        { name: "master", address: "192.168.8.63", hostKey: KEY },
        { name: "storage", address: "192.168.8.61", hostKey: KEY },
      ],
      ...{ warnings: [], text: fs.readFileSync(at("Pulumi.mine.yaml"), "utf8") },
    });
    const file = fs.readFileSync(at("Pulumi.mine.yaml"), "utf8");
    assert.match(file, / {4}storage:\n {6}address: 192\.168\.8\.61\n {6}hostKey: ssh-ed25519 /);
    const calls = fs.readFileSync(at("calls"), "utf8").trim().split("\n");
    assert.equal(calls.length, 2);
    for (const call of calls)
      assert.match(call, /StrictHostKeyChecking=yes .* -l robin -- \S+ sudo -n sh -eus$/);
    assert.deepEqual(fs.readdirSync(at(".vmstation/tmp")), []);
  });

  it("writes nothing whose plan would have an error, and says which", async () => {
    const { status, stdout, stderr } = await init(
      "--yes",
      "--force",
      "--set",
      "monitoring.machine=nobody",
    );
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(
      stderr,
      /monitoring\.machine[^]*nobody, which is no machine here[^]*Nothing was written/,
    );
    assert.doesNotMatch(fs.readFileSync(at("Pulumi.mine.yaml"), "utf8"), /nobody/);
  });
});

describe("what init says of host keys", () => {
  const machine = (name: string, hostKey: string): ShownMachine => ({
    hostKey,
    asked: { name, address: "", port: 22, user: "u", roles: [], sleeps: false, label: undefined },
  });

  it("is each fingerprint, and which machines have the same", () => {
    const other = KEY.replace("Kdyd", "Kdye").replace("IKd", "IKe");
    const different = renderShown([machine("a", KEY), machine("long", other)]);
    assert.match(
      different,
      /^They show these host keys:\n {2}a {5}SHA256:\S+ \(ssh-ed25519\)\n {2}long {2}SHA256:\S+ \(ssh-ed25519\)\n$/,
    );
    const same = renderShown([machine("a", KEY), machine("b", other), machine("c", KEY)]);
    assert.match(same, /\na, c have the same key: .* A copy needs its own key .*\n$/);
  });
});

describe("what init says in the end", () => {
  const done: InitReport = {
    ...{ version: 1, stack: "mine", file: "F", written: true, backup: null },
    ...{ machines: [], warnings: [], text: "" },
  };

  it("is where the file is, what is open in it, and what comes next", () => {
    const next =
      "Read it. The next three commands:\n" +
      "  npx vmstation plan --stack mine       # what the program would do; touches no machine\n" +
      "  npx vmstation preflight --stack mine  # whether the machines are fit; changes nothing\n" +
      "  npx vmstation up --stack mine         # shows the changes, asks, and makes them\n";
    assert.equal(renderDone(done), `Written: F\n${next}`);
    const warnings = [{ path: "a.b", message: "is open" }];
    assert.equal(
      renderDone({ ...done, backup: "B", warnings }),
      `Written: F (copy of the old file: B)\nStill open:\n  a.b: is open\n${next}`,
    );
  });
});

describe("the file of a stack", () => {
  const folder = fs.mkdtempSync(join(tmpdir(), "vmstation-target-"));

  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  it("is replaced only by force, and kept as it was where git does not look", () => {
    const target = new TargetFile(join(folder, "Pulumi.mine.yaml"));
    target.refuseExisting(false);
    assert.equal(target.write("one\n", new Date(0)), undefined);
    assert.throws(() => {
      target.refuseExisting(false);
    }, /exists already\. --force replaces it and keeps a copy/);
    target.refuseExisting(true);
    const backup = target.write("two\n", new Date(0));
    assert.equal(backup, join(folder, ".vmstation/backups/Pulumi.mine-19700101T000000Z.yaml"));
    assert.equal(fs.readFileSync(backup, "utf8"), "one\n");
    assert.equal(fs.readFileSync(target.path, "utf8"), "two\n");
    const second = target.write("three\n", new Date(0));
    assert.equal(second, join(folder, ".vmstation/backups/Pulumi.mine-19700101T000000Z-2.yaml"));
    assert.equal(fs.readFileSync(backup, "utf8"), "one\n");
    assert.deepEqual(fs.readdirSync(folder).sort(), [".vmstation", "Pulumi.mine.yaml"]);
  });
});
