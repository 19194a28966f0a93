"use strict";
// Which room may import which: the rules of eslint.config.mjs, as data that a test can try.

/** Layers under components/. What is common to all is in shared/ and remote/. */
const LAYERS = [
  "hypervisor",
  "node",
  "bootstrap",
  "network",
  "platform",
  "monitoring",
  "power",
  "apps",
  "gitops",
  "backup",
  "validation",
];

const RULE = "@typescript-eslint/no-restricted-imports";

const ONE_WAY = "Imports point one way.";

/** @typedef {{ group?: string[], regex?: string, allowTypeImports?: boolean, message: string }} Pattern */

/** @typedef {["error", { patterns: Pattern[] }]} Rule */

/**
 * @param {string[]} files
 * @param {Pattern[]} patterns
 * @returns {{ files: string[], rules: Record<typeof RULE, Rule> }}
 */
const room = (files, ...patterns) => ({
  files,
  rules: { [RULE]: ["error", { patterns }] },
});

/** @param {string[]} rooms */
const inside = (...rooms) => rooms.flatMap((name) => [`**/${name}/*`, `**/${name}/**`]);

/**
 * A layer may import remote/, shared/, versions/ and its own files; of other layers it knows types
 * only, and receives their results as arguments.
 */
const layers = LAYERS.map((layer) =>
  room(
    [`components/${layer}/**/*.ts`],
    {
      group: LAYERS.filter((other) => other !== layer).map((other) => `**/${other}/*`),
      allowTypeImports: true,
      message: "Of another layer only types; its results come as arguments.",
    },
    {
      group: ["@pulumi/command", "@pulumi/command/*"],
      allowTypeImports: true,
      message: "Only remote/ runs commands on machines.",
    },
    {
      group: ["@muhlba91/**"],
      allowTypeImports: true,
      message: "hypervisor/proxmox/sdk.ts loads it, for stacks that have a hypervisor.",
    },
    {
      group: ["@pulumi/cloudflare", "@pulumi/cloudflare/**"],
      allowTypeImports: true,
      message: "platform/tunnel/sdk.ts loads it, for stacks that have a tunnel.",
    },
    { group: inside("stacks", "scripts", "test"), message: ONE_WAY },
  ),
);

/**
 * A verb's files lie so many folders below it; from there so many steps up and then down is another verb.
 * @param {number} depth
 */
const verb = (depth) =>
  room([`scripts/verbs/*/${"*/".repeat(depth)}*.ts`], otherVerb(depth), {
    group: inside("test"),
    message: ONE_WAY,
  });

/** @param {number} depth */
const otherVerb = (depth) => ({
  regex: `^${"\\.\\./".repeat(depth + 1)}[^.]`,
  message: "A verb imports no other verb: what several need is in kit/.",
});

/** Only what --help needs at once. */
const command = room(["scripts/verbs/*/command.ts"], otherVerb(0), {
  group: inside("stacks", "components", "engine", "test"),
  message: "command.ts imports its own files and kit/ only: --help has to be quick.",
});

/** @typedef {{ selector: string, message: string }} Syntax */

/** @typedef {{ files: string[], ignores?: string[], rules: Record<string, ["error", ...Syntax[]]> }} SyntaxRules */

/**
 * An option that command.ts does not declare cannot be read.
 * @type {Syntax}
 */
const INPUT = {
  selector:
    "ExportNamedDeclaration > FunctionDeclaration[id.name='run'] > .params:not([typeAnnotation.typeAnnotation.typeName.name='Input'])",
  message: "run takes the Input of its command.ts.",
};

const WRITE =
  "CallExpression:matches([callee.property.name='write'], [callee.name=/^write(Progress|Line)$/], [callee.object.name='console'])";

/**
 * Words that are written where they are made: nothing could test them by themselves.
 * @type {Syntax}
 */
const WORDS = {
  selector: `${WRITE} :matches(TemplateElement[value.cooked=/[a-z]/i], Literal[value=/[a-z]/i])`,
  message: "What a verb writes is made by a function of its render.ts, or by kit/.",
};

/**
 * Of one rule, ESLint takes the last settings that fit a file: each file has one here.
 * @type {SyntaxRules[]}
 */
const VERBS = [
  {
    files: ["scripts/verbs/*/**/*.ts"],
    ignores: ["scripts/verbs/*/run.ts"],
    rules: { "no-restricted-syntax": ["error", WORDS] },
  },
  {
    files: ["scripts/verbs/*/run.ts"],
    rules: { "no-restricted-syntax": ["error", INPUT, WORDS] },
  },
];

const ROOMS = [
  ...layers,
  room(
    ["components/*.ts", "components/shared/**/*.ts", "components/remote/**/*.ts"],
    {
      group: LAYERS.map((layer) => `**/${layer}/*`),
      message: "What all layers stand on knows none of them.",
    },
    { group: inside("stacks", "scripts", "test"), message: ONE_WAY },
  ),
  room(["stacks/**/*.ts", "index.ts"], { group: inside("scripts", "test"), message: ONE_WAY }),
  room(["scripts/kit/**/*.ts"], {
    group: inside("verbs", "test"),
    message: "What verbs stand on knows none of them.",
  }),
  room(
    ["scripts/engine/**/*.ts"],
    { group: inside("verbs", "test"), message: "What verbs stand on knows none of them." },
    {
      regex: String.raw`/kit/(?!stack-file/|user-error$)`,
      message: "Of kit/, the engine imports stack-file/ and user-error only.",
    },
  ),
  room(["scripts/loader/**/*.ts"], {
    group: inside("verbs", "kit", "engine", "stacks", "components", "test"),
    message: "What loads the program knows nothing of it.",
  }),
  room(["scripts/*.ts", "scripts/verbs/*.ts"], { group: inside("test"), message: ONE_WAY }),
  verb(0),
  verb(1),
  command,
];

module.exports = { ROOMS, VERBS };
