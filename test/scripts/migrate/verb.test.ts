import assert from "node:assert/strict";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Ran, vmstationWith } from "../../support/command-line";
import { commandOn, deployment, nodeOf } from "../forget/states";

/** Stands for the CLI: a state that is one file. */
const CLI = `#!/usr/bin/env node
const fs = require("fs");
const args = process.argv.slice(2);
if (args[1] === "export") process.stdout.write(fs.readFileSync(process.env.STATE));
else fs.copyFileSync(args[args.indexOf("--file") + 1], process.env.STATE);
`;

describe("vmstation migrate", function () {
  this.timeout(30_000);
  let root = "";
  let before = "";

  beforeEach(() => {
    root = fs.mkdtempSync(join(tmpdir(), "vmstation-migrate-"));
    fs.mkdirSync(join(root, "bin"));
    fs.writeFileSync(join(root, "bin/pulumi"), CLI, { mode: 0o755 });
    fs.writeFileSync(join(root, "Pulumi.yaml"), "name: vmstation\nruntime: nodejs\n");
    fs.writeFileSync(join(root, "Pulumi.lab.yaml"), "config: {}\n");
    const node = nodeOf("alpha");
    const inputs = { delete: "sudo -n sh -eus remove", stdin: "echo\n" };
    const chain = ["firewall", "sshd", "confirm"].map((step) =>
      commandOn("alpha", `node-alpha-${step}`, { parent: node.urn, inputs }),
    );
    before = JSON.stringify({ version: 3, deployment: deployment(node, ...chain) });
    fs.writeFileSync(join(root, "state.json"), before);
  });

  afterEach(() => {
    fs.rmSync(root, { recursive: true });
  });

  function migrate(...args: string[]): Promise<Ran> {
    const { HOME = "" } = process.env;
    const env = {
      ...{ HOME, PATH: [join(root, "bin"), resolve(process.execPath, "..")].join(":") },
      ...{ VMSTATION_OFFLINE: "1", PULUMI_HOME: join(root, "home") },
      STATE: join(root, "state.json"),
    };
    return vmstationWith(env, "-C", root, "migrate", "--stack", "lab", ...args);
  }

  function state(): string {
    return fs.readFileSync(join(root, "state.json"), "utf8");
  }

  it("merges the entries, keeps the state as it was, and has nothing to do a second time", async () => {
    const { status, stdout, stderr } = await migrate("--yes");
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    assert.match(stdout, /^2 entries in the state of lab became 1:\n {2}node-alpha-access {2}<- /);
    assert.match(
      stdout,
      /No machine was changed\.\nCopy of the old state: .*\nNext: npx vmstation preview --stack lab/,
    );
    assert.match(state(), /node-alpha-access"/);
    assert.doesNotMatch(state(), /node-alpha-(firewall|sshd)/);
    const [backup = ""] = fs.readdirSync(join(root, ".vmstation/backups"));
    const file = join(root, ".vmstation/backups", backup);
    assert.equal(fs.readFileSync(file, "utf8"), before);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    assert.equal((await migrate("--yes")).stdout, "The state of lab needs no conversion.\n");
  });

  it("changes nothing in a dry run, and without a terminal that could say yes", async () => {
    const dry = await migrate("--dry-run", "--json");
    const document: unknown = JSON.parse(dry.stdout);
    assert.deepEqual(document, {
      ...{ version: 1, stack: "lab", changed: false, backup: null },
      merged: [{ into: "node-alpha-access", former: ["node-alpha-firewall", "node-alpha-sshd"] }],
    });
    const asked = await migrate();
    assert.equal(asked.status, 2);
    assert.match(asked.stderr, /2 entries in the state of lab become 1:[^]*with --yes\.\n$/);
    assert.equal(state(), before);
  });
});
