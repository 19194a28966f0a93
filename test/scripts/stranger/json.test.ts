import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { vmstation } from "../../support/command-line";
import { listVerbs } from "../list-verbs";
import { OperationsLab } from "../operations/lab";
import { StrangersProject } from "./project";

/** What they print is another program's. */
const OTHERS = ["pulumi", "ssh"];

/** They need no project: what is wrong with them is an argument. */
const WITHOUT_PROJECT: Readonly<Record<string, readonly string[]>> = {
  config: ["no-such-layer"],
  "mirror serve": ["/nonexistent"],
  completion: ["tcsh"],
};

/** What comes after a verb that wants more than any word for its arguments. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  ...{ remedy: ["crash-loops"], promote: ["lab", "homelab"], reset: ["soft"] },
  hold: ["x", "--for", "3h", "--why", "guests"],
};

const errorSchema = z.strictObject({
  version: z.literal(1),
  verb: z.string().nullable(),
  stack: z.string().nullable(),
  error: z.strictObject({ message: z.string().min(1), exitCode: z.literal([1, 2]) }),
});

const DOCUMENTS = fs.readFileSync(path.resolve(__dirname, "../../../docs/json.md"), "utf8");

describe("--json of each verb that prints something", function () {
  this.timeout(60_000);
  const verbs = [...listVerbs()].filter(([name]) => !OTHERS.includes(name));

  for (const [name, verb] of verbs) {
    const required = verb.registeredArguments.filter((argument) => argument.required);
    const words = [...name.split(" "), ...(WORDS[name] ?? required.map(() => "x"))];

    it(`writes one document where ${name} cannot run`, async () => {
      const project = new StrangersProject("attic");
      fs.rmSync(project.at("Pulumi.yaml"));
      try {
        const own = WITHOUT_PROJECT[name];
        const line = own === undefined ? words : [...name.split(" "), ...own];
        const { status, stdout, stderr } = await project.run(...line, "--json");
        const { error, verb: told } = errorSchema.parse(JSON.parse(stdout));
        assert.deepEqual([error.exitCode, told], [status, name]);
        assert.ok(stderr.includes(`${error.message}\n`), stderr);
      } finally {
        project.remove();
      }
    });

    it(`is described for ${name}`, () => {
      assert.ok(verb.options.some(({ long }) => long === "--json"));
      const rows = DOCUMENTS.split("\n").filter((line) => line.startsWith("| `"));
      assert.ok(rows.some((row) => row.split("|")[1]?.includes(`\`${name}\``)));
    });
  }

  it("writes one document for what is no verb and no option", async () => {
    for (const words of [["pln"], ["plan", "--jsn"], ["wake"], ["validate", "no-such-group"]]) {
      const { status, stdout } = await vmstation(...words, "--json");
      assert.equal(errorSchema.parse(JSON.parse(stdout)).error.exitCode, status, stdout);
    }
  });

  it("writes the plan's and the keys' documents", async () => {
    const { stdout } = await vmstation("config", "lan", "--json");
    const { keys } = z
      .object({
        keys: z.array(z.object({ key: z.string(), accepted: z.string(), about: z.string() })),
      })
      .parse(JSON.parse(stdout));
    assert.ok(keys.some(({ key }) => key === "vmstation:lan.cidr"));
  });
});

describe("--json of verbs that pass on what machines say", () => {
  let lab: OperationsLab;
  beforeEach(() => {
    lab = new OperationsLab();
  });
  afterEach(() => {
    lab.remove();
  });

  it("has a log's lines in one document", async () => {
    lab.answer("maple", "printf 'one\\ntwo \"quoted\"\\n'");
    const logs = await lab.run("logs", "maple", "kubelet", "--json");
    assert.deepEqual(JSON.parse(logs.stdout), {
      ...{ version: 1, stack: "homelab", machine: "maple", unit: "kubelet" },
      lines: ["one", 'two "quoted"'],
    });
    const { stdout } = await lab.run("bootstrap", "log", "--json");
    assert.match(stdout, /"lines": \[\n +"one",\n/);
  });

  it("is refused for a log that has no end", async () => {
    const { code, stdout } = await lab.run("logs", "maple", "--follow", "--json");
    assert.equal(code, 2);
    assert.match(errorSchema.parse(JSON.parse(stdout)).error.message, /cannot be used with option/);
  });

  it("writes a document in a dry run too, and where the controller says no", async () => {
    lab.answer("maple", "echo 'would back up etcd' >&2");
    const dry = await lab.run("backup", "--dry-run", "--json");
    assert.deepEqual(JSON.parse(dry.stdout), {
      ...{ version: 1, stack: "homelab", what: "all", dryRun: true, said: ["would back up etcd"] },
    });
    const held = await lab.run("hold", "hazel", "--for", "1h", "--why", "x", "--dry-run", "--json");
    assert.match(held.stdout, /"would": "hold"/);
    lab.answer("maple", "exit 2");
    const refused = await lab.run("restore", "etcd", "--json");
    assert.equal(errorSchema.parse(JSON.parse(refused.stdout)).error.exitCode, 2);
  });
});
