import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { addVerbs } from "../../scripts/verbs";

const ROOT = path.join(__dirname, "../..");
const read = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

const names = z.union([z.string().transform((name) => [name]), z.array(z.string())]);

const workflowSchema = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: z.object({ contents: z.literal("read") }),
  env: z.record(z.string(), z.string()).prefault({}),
  jobs: z.record(
    z.string(),
    z.object({
      if: z.string().optional(),
      needs: names.optional(),
      environment: z.string().optional(),
      "runs-on": names,
      "timeout-minutes": z.number(),
      strategy: z.object({ matrix: z.object({ stack: z.array(z.string()) }) }).optional(),
      env: z.record(z.string(), z.string()).prefault({}),
      steps: z.array(z.object({ uses: z.string().optional(), run: z.string().optional() })),
    }),
  ),
});

const pipelineSchema = z.object({
  kind: z.literal("pipeline"),
  type: z.literal("docker"),
  name: z.string(),
  node: z.record(z.string(), z.string()).prefault({}),
  trigger: z.object({ event: z.array(z.string()), branch: z.array(z.string()).optional() }),
  depends_on: z.array(z.string()).prefault([]),
  steps: z.array(
    z.object({
      environment: z.record(z.string(), z.object({ from_secret: z.string() })).prefault({}),
      commands: z.array(z.string()),
    }),
  ),
});

const FILES = readdirSync(path.join(ROOT, ".github/workflows")).map(
  (file) => `.github/workflows/${file}`,
);
const workflows = new Map(
  FILES.map((file) => [path.basename(file, ".yml"), workflowSchema.parse(parse(read(file)))]),
);
const pipelines = parseAllDocuments(read(".drone.yml")).map((document) => {
  assert.deepEqual(document.errors, []);
  return pipelineSchema.parse(document.toJS());
});

/** A stack of commands, by what runs them. */
const scripts: readonly (readonly [string, string])[] = [
  ...[...workflows].flatMap(([name, { jobs }]) =>
    Object.entries(jobs).map(
      ([job, { steps }]) =>
        [`${name}.${job}`, steps.map(({ run }) => run ?? "").join("\n")] as const,
    ),
  ),
  ...pipelines.map(
    ({ name, steps }) =>
      [`drone.${name}`, steps.flatMap(({ commands }) => commands).join("\n")] as const,
  ),
];

const scriptOf = (name: string): string => scripts.find(([known]) => known === name)?.[1] ?? "";

/** Jobs and pipelines that are given a state, and so change or read real stacks. */
const stateful = [
  ...[...workflows.values()].flatMap(({ env, jobs }) =>
    Object.values(jobs).filter((job) => "PULUMI_BACKEND_URL" in { ...env, ...job.env }),
  ),
];

const program = new Command().enablePositionalOptions();
addVerbs(program);

describe("continuous integration", () => {
  it("calls scripts that package.json has, and verbs and options that there are", () => {
    const manifest = z.object({ scripts: z.record(z.string(), z.string()) });
    const known = Object.keys(manifest.parse(JSON.parse(read("package.json"))).scripts);
    for (const [name, text] of scripts) {
      const called = [...text.matchAll(/\bnpm (?:run )?(?:-s )?([a-z:]+)/g)].map(
        (match) => match[1] ?? "",
      );
      for (const script of called)
        assert.ok(script === "ci" || known.includes(script), `${name}: ${script}`);
      for (const [, verb = "", rest = ""] of text.matchAll(/\bnpx vmstation ([a-z-]+)(.*)/g)) {
        const command = program.commands.find((candidate) => candidate.name() === verb);
        assert.ok(command, `${name}: ${verb}`);
        for (const [flag] of rest.matchAll(/--[a-z-]+/g)) {
          assert.ok(
            command.options.some(({ long }) => long === flag),
            `${name}: ${verb} ${flag}`,
          );
        }
      }
    }
  });

  it("tests, previews each stack on a pull request, and promotes after a merge, on both systems", () => {
    for (const name of ["test.test", "drone.test"])
      assert.match(scriptOf(name), /^npm ci$[^]*^npm test$/m);
    assert.deepEqual(workflows.get("preview")?.jobs.preview?.strategy?.matrix.stack, [
      "lab",
      "homelab",
    ]);
    assert.match(
      scriptOf("drone.preview"),
      /preview -- --stack lab [^]*preview -- --stack homelab /,
    );
    assert.match(scriptOf("promote.lab"), /^npm run up -- --stack lab --yes/m);
    assert.match(scriptOf("promote.homelab"), /^npx vmstation promote lab homelab --yes$/m);
    assert.match(
      scriptOf("drone.promote"),
      /up -- --stack lab --yes[^]*promote lab homelab --yes$/,
    );
    assert.deepEqual(Object.keys(workflows.get("preview")?.on ?? {}), ["pull_request"]);
    assert.deepEqual(workflows.get("promote")?.on, { push: { branches: ["main"] } });
    assert.deepEqual(workflows.get("promote")?.jobs.homelab?.needs, ["lab"]);
    assert.deepEqual(
      pipelines.map(({ name, trigger, depends_on }) => [name, trigger, depends_on]),
      [
        ["test", { event: ["pull_request", "push"] }, []],
        ["preview", { event: ["pull_request"] }, []],
        ["promote", { event: ["push"], branch: ["main"] }, ["test"]],
      ],
    );
  });

  it("reaches the stacks only from a runner on the LAN, and only with a state that is shared", () => {
    assert.equal(stateful.length, 3);
    for (const job of stateful) {
      assert.deepEqual(job["runs-on"], ["self-hosted", "lan"]);
      if (job.needs === undefined) assert.match(job.if ?? "", /vars\.PULUMI_BACKEND_URL != ''/);
    }
    for (const { node, steps } of pipelines) {
      const isStateful = steps.some(({ environment }) => "PULUMI_BACKEND_URL" in environment);
      assert.deepEqual(node, isStateful ? { network: "lan" } : {});
    }
  });

  it("runs no fork's code on the LAN, and gives no key to a preview", () => {
    const preview = workflows.get("preview")?.jobs.preview;
    assert.match(preview?.if ?? "", /head\.repo\.full_name == github\.repository/);
    const texts = ["preview.preview", "drone.preview"].map(scriptOf);
    for (const text of texts) assert.doesNotMatch(text, /ssh-|SSH_/);
    assert.ok(!("SSH_PRIVATE_KEY" in (preview?.env ?? {})));
  });

  it("is set up as docs/ci.md says: every secret, variable and label has its place there", () => {
    const doc = read("docs/ci.md");
    const all = FILES.map(read).join("\n");
    const told = [...all.matchAll(/\$\{\{ (?:vars|secrets)\.(\w+) \}\}/g)].map(
      (match) => match[1] ?? "",
    );
    const drone = pipelines.flatMap(({ steps }) =>
      steps.flatMap(({ environment }) =>
        Object.values(environment).map((value) => value.from_secret),
      ),
    );
    for (const name of new Set([...told, ...drone, "self-hosted", "network:lan"])) {
      assert.ok(doc.includes(`\`${name}\``), `docs/ci.md does not name ${name}`);
    }
  });
});
