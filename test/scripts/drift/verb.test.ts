import assert from "node:assert/strict";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { type Ran, vmstation } from "../../support/command-line";
import { FakeMachines } from "./fake-machines";

const SOURCE = resolve(__dirname, "project");

const documentSchema = z.strictObject({
  version: z.literal(1),
  stack: z.string(),
  exitCode: z.int(),
  machines: z.array(
    z.strictObject({
      ...{ machine: z.string(), address: z.string(), status: z.string() },
      ...{ error: z.string().nullable(), sessions: z.int(), seconds: z.number() },
      confirmations: z.array(z.unknown()),
      resources: z.array(
        z.strictObject({
          ...{ urn: z.string(), name: z.string(), status: z.string() },
          reason: z.string().nullable(),
          differences: z.array(
            z.strictObject({
              ...{ kind: z.string(), name: z.string(), reason: z.string() },
              details: z.string().nullable(),
            }),
          ),
          fix: z.strictObject({ outcome: z.string(), error: z.string().nullable() }).nullable(),
        }),
      ),
    }),
  ),
});

describe("vmstation drift", function () {
  this.timeout(60_000);
  let machines: FakeMachines;
  let project: string;
  // In a folder of its own: the verb keeps its plan beside Pulumi.yaml, and no test writes into the checkout.
  before(() => {
    project = fs.mkdtempSync(join(tmpdir(), "vmstation-drift-"));
    fs.copyFileSync(join(SOURCE, "Pulumi.lab.yaml"), join(project, "Pulumi.lab.yaml"));
    const manifest = fs.readFileSync(join(SOURCE, "Pulumi.yaml"), "utf8");
    const main = `main: ${join(SOURCE, "index.ts")}`;
    fs.writeFileSync(
      join(project, "Pulumi.yaml"),
      manifest.replace(/^main: .*$/m, () => main),
    );
  });
  after(() => {
    fs.rmSync(project, { recursive: true });
  });
  beforeEach(() => {
    machines = new FakeMachines();
    machines.write("alpha/one", "theirs\n");
    machines.write("beta.ssh", "ssh: connect to host 10.0.0.2 port 22: No route to host\n");
  });
  afterEach(() => {
    machines.remove();
    fs.rmSync(resolve(project, ".vmstation"), { recursive: true, force: true });
  });

  function drift(...args: string[]): Promise<Ran> {
    return vmstation("-C", project, "drift", "--stack", "lab", ...args);
  }

  it("compares the plan's steps with the machines and prints one JSON document", async () => {
    const { status, stdout, stderr } = await drift("--json", "-m", "alpha", "-m", "beta");
    assert.deepEqual({ status, stderr }, { status: 1, stderr: "" });
    const document = documentSchema.parse(JSON.parse(stdout));
    assert.equal(document.exitCode, 1);
    const found = document.machines.map(({ machine, status: state, sessions, resources }) => ({
      ...{ machine, state, sessions },
      resources: resources.map(({ name, status: own }) => `${name}: ${own}`).sort(),
    }));
    const unknown = (name: string): string[] => [
      `${name}-encrypted: not-compared`,
      `${name}-one: ${name === "alpha" ? "drifted" : "asleep"}`,
      `${name}-unknown: not-compared`,
    ];
    assert.deepEqual(found, [
      { machine: "alpha", state: "looked-at", sessions: 1, resources: unknown("alpha") },
      { machine: "beta", state: "asleep", sessions: 1, resources: unknown("beta") },
    ]);
    assert.deepEqual(
      fs.readdirSync(resolve(project, ".vmstation/tmp")),
      [],
      "nothing stays behind",
    );
  });

  it("uses its stored plan, but not with --no-cache or --fix", async () => {
    assert.equal((await drift("-m", "alpha")).status, 1);
    const file = resolve(project, ".vmstation/targets-lab.json");
    const marked = fs.readFileSync(file, "utf8").replaceAll("\\nours\\n", "\\ntheirs\\n");
    fs.writeFileSync(file, marked);
    assert.equal((await drift("-m", "alpha")).status, 0);
    assert.equal((await drift("-m", "alpha", "--fix", "--dry-run")).status, 1);
    fs.writeFileSync(file, marked);
    assert.equal((await drift("-m", "alpha", "--no-cache")).status, 1);
  });

  it("mends what has drifted and then ends with 0", async () => {
    const { status, stdout } = await drift("--fix", "-m", "alpha");
    assert.equal(status, 0, stdout);
    assert.match(stdout, /^alpha \(10\.0\.0\.1\): 1 mended\n {2}alpha-one: mended$/m);
    assert.equal(fs.readFileSync(machines.at("alpha/one"), "utf8"), "ours\n");
    assert.deepEqual(fs.readdirSync(machines.at("alpha")).sort(), [
      "one",
      "run",
      "script",
      "state",
    ]);
  });

  it("refuses a machine whose key is not pinned, looks at the others and ends with 2", async () => {
    machines.write("alpha/one", "ours\n");
    const { status, stdout } = await drift();
    assert.equal(status, 2);
    assert.match(stdout, /^alpha .*: 1 as described$/m);
    assert.match(stdout, /^beta .*: asleep/m);
    assert.match(
      stdout,
      /^gamma .*: could not be checked\n.*not pinned\n {4}to do: npx vmstation (-C \S+ )?trust --stack \S+ gamma$/m,
    );
    assert.ok(machines.sessions().every((line) => !line.includes("gamma")));
  });

  it("says what it did not understand, with exit code 2", async () => {
    const unknown = await drift("-m", "alpa");
    assert.equal(unknown.status, 2);
    assert.equal(unknown.stderr, "This stack has no machine alpa. Did you mean alpha?\n");
    assert.match((await drift("--dry-run")).stderr, /^--dry-run needs --fix/);
    assert.deepEqual(machines.sessions(), []);
  });
});
