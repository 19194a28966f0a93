import assert from "node:assert/strict";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { type Ran, vmstationWith } from "../../support/command-line";
import { commandOn, deployment, nodeOf, other } from "./states";

/** Stands for the CLI: a state that is one file, exported and imported as the real one does. */
const CLI = `#!/usr/bin/env node
const fs = require("fs");
const args = process.argv.slice(2);
fs.appendFileSync(process.env.CALLS, args.join(" ") + "\\n");
if (args[1] === "export") {
  if (!fs.existsSync(process.env.STATE)) {
    console.error("error: no stack named 'lab' found");
    process.exit(255);
  }
  process.stdout.write(fs.readFileSync(process.env.STATE));
} else if (process.env.REFUSE) {
  console.error("error: " + process.env.REFUSE);
  process.exit(255);
} else fs.copyFileSync(args[args.indexOf("--file") + 1], process.env.STATE);
`;

const stateSchema = z.object({
  deployment: z.object({ resources: z.array(z.object({ urn: z.string() })) }),
});

describe("vmstation forget", function () {
  this.timeout(30_000);
  let root = "";
  let before = "";

  beforeEach(() => {
    root = fs.mkdtempSync(join(tmpdir(), "vmstation-forget-"));
    fs.mkdirSync(join(root, "bin"));
    fs.writeFileSync(join(root, "bin/pulumi"), CLI, { mode: 0o755 });
    fs.writeFileSync(join(root, "Pulumi.yaml"), "name: vmstation\nruntime: nodejs\n");
    fs.writeFileSync(
      join(root, "Pulumi.lab.yaml"),
      "config:\n  vmstation:machines:\n    alpha: { address: 10.0.0.1 }\n    beta: { address: 10.0.0.2 }\n",
    );
    const node = nodeOf("alpha");
    const last = commandOn("alpha", "node-alpha-last", { parent: node.urn });
    const after = other("after", { dependencies: [last.urn] });
    const whole = deployment(node, last, commandOn("beta", "on-beta"), after);
    before = JSON.stringify({ version: 3, deployment: whole });
    fs.writeFileSync(join(root, "state.json"), before);
  });

  afterEach(() => {
    fs.rmSync(root, { recursive: true });
  });

  function forget(args: string[], more: Record<string, string> = {}): Promise<Ran> {
    const { HOME = "" } = process.env;
    const env = {
      ...{ HOME, PATH: [join(root, "bin"), resolve(process.execPath, "..")].join(":") },
      ...{ VMSTATION_OFFLINE: "1", PULUMI_HOME: join(root, "home") },
      ...{ CALLS: join(root, "calls"), STATE: join(root, "state.json"), ...more },
    };
    return vmstationWith(env, "-C", root, "forget", "--stack", "lab", ...args);
  }

  function left(): string[] {
    const text = fs.readFileSync(join(root, "state.json"), "utf8");
    const { resources } = stateSchema.parse(JSON.parse(text)).deployment;
    return resources.map(({ urn }) => urn.replace(/^.*::/, ""));
  }

  it("takes the machine out of the state, keeps what it was, and says what is next", async () => {
    const { status, stdout, stderr } = await forget(["alpha", "--yes"]);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    assert.deepEqual(left(), ["on-beta", "after"]);
    assert.doesNotMatch(fs.readFileSync(join(root, "state.json"), "utf8"), /alpha/);
    const [backup = ""] = fs.readdirSync(join(root, ".vmstation/backups"));
    const file = join(root, ".vmstation/backups", backup);
    assert.equal(fs.readFileSync(file, "utf8"), before);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    assert.match(stdout, /^The state of lab no longer has 2 resources of alpha:\n {2}node-alpha\n/);
    assert.match(stdout, /^Next: remove vmstation:machines\.alpha from Pulumi\.lab\.yaml/m);
    assert.deepEqual(fs.readdirSync(join(root, ".vmstation/tmp")), []);
    const calls = fs.readFileSync(join(root, "calls"), "utf8").trimEnd().split("\n");
    assert.deepEqual(
      calls.map((call) => call.split(" ").slice(0, 4).join(" ")),
      ["stack export --stack lab", "stack import --stack lab"],
    );
  });

  it("only says in a dry run what it would drop", async () => {
    const { status, stdout } = await forget(["alpha", "--dry-run", "--json"]);
    assert.equal(status, 0);
    const urns = [nodeOf("alpha"), commandOn("alpha", "x")].map(({ urn }) => urn);
    const document: unknown = JSON.parse(stdout);
    assert.deepEqual(document, {
      ...{ version: 1, stack: "lab", machine: "alpha", configured: true },
      dropped: [
        { urn: urns[0], name: "node-alpha" },
        {
          urn: commandOn("alpha", "node-alpha-last", { parent: urns[0] ?? "" }).urn,
          name: "node-alpha-last",
        },
      ],
      ...{ changed: false, backup: null },
    });
    assert.equal(fs.readFileSync(join(root, "state.json"), "utf8"), before);
  });

  it("changes nothing where nobody is there to say yes", async () => {
    const { status, stderr } = await forget(["alpha"]);
    assert.equal(status, 2);
    assert.match(stderr, /has 2 resources of alpha:[^]*run it again with --yes\.\n$/);
    assert.equal(fs.readFileSync(join(root, "state.json"), "utf8"), before);
  });

  it("refuses a machine that nobody knows, and a stack that is not there", async () => {
    const unknown = await forget(["alpa", "--yes"]);
    assert.equal(unknown.status, 2);
    assert.match(unknown.stderr, /^There is no machine alpa, .* Did you mean alpha\?\n$/);
    const missing = await forget(["alpha", "--yes"], { STATE: join(root, "none") });
    assert.equal(missing.status, 2);
    assert.match(missing.stderr, /^The state of lab cannot be read: error: no stack named 'lab'/);
  });

  it("knows a machine that only the state still holds", async () => {
    fs.writeFileSync(join(root, "Pulumi.lab.yaml"), "config: {}\n");
    const { status, stdout } = await forget(["alpha", "--yes"]);
    assert.equal(status, 0);
    assert.doesNotMatch(stdout, /Next:/);
    assert.deepEqual(left(), ["on-beta", "after"]);
  });

  it("ends with 1 where the CLI refuses the new state, which then is the old one", async () => {
    const { status, stderr } = await forget(["alpha", "--yes"], { REFUSE: "the stack is locked" });
    assert.equal(status, 1);
    assert.equal(stderr, "The state of lab was not changed: error: the stack is locked\n");
    assert.equal(fs.readFileSync(join(root, "state.json"), "utf8"), before);
  });
});
