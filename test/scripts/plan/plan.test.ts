import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type PlanDocument, renderDocument } from "../../../scripts/kit/plan/document";
import { reveal } from "../../../scripts/engine/inspect";
import { plan, type Plan } from "../../../scripts/engine/plan";
import { renderJson } from "../../../scripts/kit/plan/render";
import { renderText } from "../../../scripts/kit/plan/render-text";
import { Style } from "../../../scripts/kit/terminal/style";

const PROGRAM = resolve(__dirname, "../../support/fixtures/plan/program");
const BASE = "urn:pulumi:lab::vmstation::";
const COMMAND = `${BASE}vmstation:node:Node$command:remote:Command::`;
const CLUSTER = `${BASE}pulumi:providers:kubernetes::cluster`;

function planLab(...settings: string[]): Promise<Plan> {
  const ignore = (): void => undefined;
  return plan({ folder: join(PROGRAM), stack: "lab", settings, onOutput: ignore });
}

describe("the plan of a program", function () {
  this.timeout(60_000);
  let lab: Plan;
  let document: PlanDocument;

  before(async () => {
    lab = await planLab();
    document = renderDocument(lab);
  });

  function resource(urn: string) {
    const found = document.resources.find((candidate) => candidate.urn === urn);
    return found ?? assert.fail(`${urn} is not in the plan`);
  }

  it("has every resource under the engine's URN, in order", () => {
    assert.deepEqual(
      document.resources.map(({ urn }) => urn.slice(BASE.length)),
      [
        "pulumi:pulumi:Stack::vmstation-lab",
        "random:index/randomPassword:RandomPassword::password",
        "vmstation:node:Node::alpha",
        "vmstation:node:Node$command:remote:Command::alpha-packages",
        "vmstation:node:Node$command:remote:Command::alpha-join",
        "pulumi:providers:kubernetes::cluster",
        "vmstation:node:Node::beta",
        "vmstation:node:Node$command:remote:Command::beta-packages",
        "vmstation:node:Node$command:remote:Command::beta-join",
        "kubernetes:core/v1:Namespace::apps",
        "kubernetes:core/v1:Service::app",
        "kubernetes:kustomize/v2:Directory::pages",
      ],
    );
  });

  it("has a component that a package constructs, but not what the package makes of it", () => {
    const pages = resource(`${BASE}kubernetes:kustomize/v2:Directory::pages`);
    assert.deepEqual(pages.inputs, { directory: "./pages" });
    assert.ok(!document.resources.some(({ parent }) => parent === pages.urn));
  });

  it("says of a command all that the program said", () => {
    assert.deepEqual(resource(`${COMMAND}alpha-join`), {
      urn: `${COMMAND}alpha-join`,
      type: "command:remote:Command",
      name: "alpha-join",
      parent: `${BASE}vmstation:node:Node::alpha`,
      dependencies: [`${COMMAND}alpha-packages`],
      propertyDependencies: { triggers: [`${COMMAND}alpha-packages`] },
      inputs: {
        connection: "[secret]",
        create: "sh",
        stdin: "[secret]",
        triggers: ["[unknown]"],
      },
      secretInputs: ["connection", "stdin"],
      protect: true,
      hooks: { beforeCreate: ["wake"], beforeUpdate: ["wake"] },
      provider: null,
    });
  });

  it("takes outputs as unknown, and all of them if the provider itself is not known yet", () => {
    assert.deepEqual(resource(CLUSTER).inputs, {
      kubeconfig: "[unknown]",
      version: "4.34.2",
    });
    const app = resource(`${BASE}kubernetes:core/v1:Service::app`);
    assert.equal(app.provider, CLUSTER);
    assert.deepEqual(app.inputs.metadata, { namespace: "[unknown]" });
  });

  it("keeps the real values of secrets for those who apply it, and prints none", () => {
    const packages = lab.resources.find(({ urn }) => urn === `${COMMAND}beta-packages`);
    assert.deepEqual(reveal(packages?.inputs.connection ?? null), {
      dialErrorLimit: 10,
      host: "10.0.0.2",
      perDialTimeout: 15,
      port: 22,
      user: "me",
    });
    assert.ok(!JSON.stringify(document).includes("10.0.0.2"));
  });

  it("has the stack's outputs and its warnings by path", () => {
    assert.deepEqual(document.outputs, {
      idle: "2h",
      namespaceName: "[unknown]",
      secretWord: "[secret]",
    });
    const message = "not pinned; run vmstation trust beta";
    assert.deepEqual(document.warnings, [{ path: "machines.beta.hostKey", message }]);
  });

  it("is the same from run to run but for what is set, and to the byte with the SDK left alone", async () => {
    // Long, and not in ASCII: what the changed SDK codes by itself.
    const idle = "é€𝄞 x\n".repeat(50);
    const setting = `power.idle=${JSON.stringify(idle)}`;
    const changed = await planLab(setting);
    assert.equal(changed.outputs.idle, idle);
    const text = JSON.stringify(renderDocument(changed)).replaceAll(JSON.stringify(idle), '"2h"');
    assert.equal(text, JSON.stringify(document));
    const before = process.env.VMSTATION_FULL_SDK;
    process.env.VMSTATION_FULL_SDK = "1";
    try {
      assert.equal(renderJson(await planLab(setting)), renderJson(changed));
    } finally {
      if (before === undefined) delete process.env.VMSTATION_FULL_SDK;
      else process.env.VMSTATION_FULL_SDK = before;
    }
  });

  describe("where a machine is there twice", () => {
    let folder = "";
    let configFile = "";

    before(() => {
      folder = mkdtempSync(join(tmpdir(), "vmstation-test-"));
      configFile = join(folder, "lab.yaml");
      const text = readFileSync(join(PROGRAM, "Pulumi.lab.yaml"), "utf8");
      const [alpha = ""] = /^ +alpha: .*\n/m.exec(text) ?? [];
      writeFileSync(configFile, text.replace(alpha, alpha.repeat(2)));
    });
    after(() => {
      rmSync(folder, { recursive: true });
    });

    const refused = (more: string) => ({
      name: "UserError",
      exitCode: 1,
      message:
        `1 key is defined more than once in ${configFile}. Nothing was changed.\n` +
        `  vmstation:machines.alpha\n    found    in the lines 3, 4\n    accepted once${more}`,
    });
    const planned = (...settings: string[]): Promise<Plan> =>
      plan({ folder: PROGRAM, stack: "lab", settings, configFile, onOutput: () => undefined });

    it("is refused, though the program itself has nothing to say", async () => {
      await assert.rejects(planned(), refused(""));
    });

    it("is reported together with the program's own errors, and without a trace", async () => {
      const own = "\nThe configuration has 2 errors.\npower.idle: found never\nanother: x";
      await assert.rejects(planned("power.idle=never"), refused(own));
    });
  });

  it("reads well", () => {
    assert.equal(
      renderText(lab, new Style(false, 80)),
      `lab: 8 resources, 2 machines

node 4 resources
├─ alpha Node, 2
│  packages, join
└─ beta Node, 2
   packages, join

stack 4 resources
├─ password RandomPassword
├─ cluster kubernetes provider
├─ apps Namespace
├─ app Service
└─ pages Directory, 0

Order
  node → stack

What each machine gets, in order
alpha 10.0.0.1, 2 steps
  packages → join
beta 10.0.0.2, 2 steps
  packages → join

1 warning
  machines.beta.hostKey
    not pinned; run vmstation trust beta

Nothing was changed. To compare with what exists, and to apply it:
  npx vmstation preview --stack lab
  npx vmstation up --stack lab
`,
    );
  });
});
