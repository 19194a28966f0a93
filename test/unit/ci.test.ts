import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { listVerbs } from "../scripts/list-verbs";

const ROOT = path.join(__dirname, "../..");
const read = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

const names = z.union([z.string().transform((name) => [name]), z.array(z.string())]);

const workflowSchema = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: z.object({ contents: z.literal("read") }),
  env: z.never("no variable is for a whole workflow").optional(),
  jobs: z.record(
    z.string(),
    z.object({
      if: z.string().optional(),
      needs: names.optional(),
      environment: z.string().optional(),
      "runs-on": names,
      "timeout-minutes": z.number(),
      strategy: z.object({ matrix: z.object({ stack: z.array(z.string()) }) }).optional(),
      env: z.never("no variable is for a whole job").optional(),
      steps: z.array(
        z.object({
          uses: z.string().optional(),
          run: z.string().optional(),
          env: z.record(z.string(), z.string()).prefault({}),
          with: z.record(z.string(), z.unknown()).prefault({}),
        }),
      ),
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

type Job = z.infer<typeof workflowSchema>["jobs"][string];

const jobs: readonly { name: string; triggers: readonly string[]; job: Job }[] = [
  ...workflows,
].flatMap(([workflow, { on, jobs: own }]) =>
  Object.entries(own).map(([name, job]) => ({
    ...{ name: `${workflow}.${name}`, triggers: Object.keys(on), job },
  })),
);

const namesSecret = (text: string): boolean => /\bsecrets\b/.test(text);

/** Jobs that change real stacks. */
const stateful = jobs.filter(({ job }) => job.steps.some(({ env }) => "PULUMI_BACKEND_URL" in env));

const verbs = listVerbs();

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
        const command = verbs.get(verb);
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

  it("tests, plans each stack on a pull request, and promotes after a merge, on both systems", () => {
    for (const name of ["test.test", "drone.test"])
      assert.match(scriptOf(name), /^npm ci$[^]*^npm test$/m);
    assert.deepEqual(workflows.get("preview")?.jobs.preview?.strategy?.matrix.stack, [
      "lab",
      "homelab",
    ]);
    for (const name of ["preview.preview", "drone.preview"])
      assert.match(scriptOf(name), /run -s plan [^]*before[^]*git --no-pager diff --no-index/i);
    assert.match(scriptOf("drone.preview"), /for stack in lab homelab;/);
    assert.match(scriptOf("promote.test"), /^npm ci$[^]*^npm test$/m);
    assert.deepEqual(workflows.get("promote")?.jobs.lab?.needs, ["test"]);
    assert.match(scriptOf("promote.lab"), /^npm run up -- --stack lab --yes/m);
    assert.match(
      scriptOf("promote.homelab"),
      /^npx --no-install vmstation promote lab homelab --yes$/m,
    );
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

  it("reaches the stacks only after a merge, from a runner on the LAN, with a state that is shared", () => {
    assert.deepEqual(
      stateful.map(({ name }) => name),
      ["promote.lab", "promote.homelab"],
    );
    for (const { job } of stateful) {
      assert.deepEqual(job["runs-on"], ["self-hosted", "lan"]);
      if (!job.needs?.includes("lab")) assert.match(job.if ?? "", /vars\.PULUMI_BACKEND_URL != ''/);
    }
    for (const { node, steps, trigger } of pipelines) {
      const isStateful = steps.some(({ environment }) => "PULUMI_BACKEND_URL" in environment);
      assert.deepEqual(node, isStateful ? { network: "lan" } : {});
      if (isStateful) assert.deepEqual(trigger, { event: ["push"], branch: ["main"] });
    }
  });

  it("gives nothing from outside a secret or a place on the LAN, no matter who opened it", () => {
    for (const { name, triggers, job } of jobs) {
      const isMerged = triggers.join() === "push";
      assert.ok(isMerged || triggers.every((event) => /^(pull_request|push)$/.test(event)), name);
      if (isMerged) continue;
      assert.ok(!namesSecret(JSON.stringify(job)), name);
      assert.ok(
        job["runs-on"].every((label) => label.startsWith("ubuntu-")),
        name,
      );
      assert.equal(job.environment, undefined, name);
    }
    for (const { name, steps, trigger } of pipelines)
      if (trigger.event.includes("pull_request"))
        for (const { environment } of steps) assert.deepEqual(environment, {}, name);
  });

  it("has a secret in the one step that needs it, of an environment, and nothing strange before it", () => {
    for (const { name, job } of jobs.filter(({ job: each }) => namesSecret(JSON.stringify(each)))) {
      const secret = job.steps.filter((step) => namesSecret(JSON.stringify(step)));
      assert.equal(secret.length, 1, name);
      for (const step of secret) {
        assert.ok(namesSecret(JSON.stringify(step.env)) && step.uses === undefined, name);
        assert.doesNotMatch(step.run ?? "", /npm (ci|install)|secrets\./, name);
        assert.match(step.run ?? "", /ssh-add -q - [^]*unset SSH_PRIVATE_KEY\n/, name);
      }
      assert.equal(job.environment, name.split(".")[1], name);
      assert.equal(job.steps.at(-1), secret[0], name);
      const installs = job.steps.flatMap(({ run }) => (run?.startsWith("npm") ? [run] : []));
      assert.deepEqual(installs, ["npm ci --omit=dev --ignore-scripts"], name);
    }
    for (const { steps } of pipelines) {
      for (const { environment, commands } of steps)
        if (Object.keys(environment).length > 0)
          assert.doesNotMatch(commands.join(), /npm (ci|i)\b/);
    }
    assert.match(scriptOf("drone.promote"), /^npm ci --omit=dev --ignore-scripts\n/);
  });

  it("pins each action by its commit, and keeps no token in the checkout", () => {
    const used = jobs.flatMap(({ job }) => job.steps).filter(({ uses }) => uses !== undefined);
    for (const { uses = "" } of used) assert.match(uses, /^actions\/[a-z-]+@[0-9a-f]{40}$/);
    const checkouts = used.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    assert.equal(checkouts.length, jobs.length);
    for (const step of checkouts) assert.equal(step.with["persist-credentials"], false);
    const all = FILES.map(read).join("\n");
    const lines = [...all.matchAll(/uses: (\S+)@(\S+) # (v\d+\.\d+\.\d+)$/gm)];
    assert.equal(lines.length, used.length, "each with its version behind it");
    assert.equal(new Set(lines.map(([line]) => line)).size, new Set(lines.map((l) => l[1])).size);
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
