import tseslint from "typescript-eslint";

/** Layers under components/. What is common to all is in shared/ and remote/. */
const LAYERS = [
  "node",
  "bootstrap",
  "network",
  "monitoring",
  "power",
  "apps",
  "backup",
  "validation",
];

/**
 * A layer may import remote/, shared/, versions.ts and its own files; of other layers it knows types
 * only, and receives their results as arguments.
 */
const layerRules = LAYERS.map((layer) => ({
  files: [`components/${layer}/**/*.ts`],
  rules: {
    "@typescript-eslint/no-restricted-imports": [
      "error",
      {
        patterns: [
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
            group: ["**/stacks/*", "**/scripts/*", "**/test/*"],
            message: "Imports point one way.",
          },
        ],
      },
    ],
  },
}));

/** Imports that the rooms of scripts/ forbid, by the file that would have them. */
const ROOMS = [
  {
    files: ["scripts/verbs/*/*.ts"],
    regex: String.raw`^\.\./(?!\.\./)`,
    message: "A verb imports no other verb: what two need is in scripts/kit/.",
  },
  {
    files: ["scripts/verbs/*/*/*.ts"],
    regex: String.raw`^\.\./\.\./(?!\.\./)`,
    message: "A verb imports no other verb: what two need is in scripts/kit/.",
  },
  {
    files: ["scripts/verbs/*/command.ts"],
    regex: String.raw`^\.\./(?!\.\./kit/)`,
    message: "command.ts imports its own files and scripts/kit/ only: --help has to be quick.",
  },
  {
    files: ["scripts/kit/**/*.ts"],
    regex: String.raw`/verbs/`,
    message: "scripts/kit/ knows no verb.",
  },
  {
    files: ["scripts/engine/**/*.ts"],
    regex: String.raw`^\.\./(verbs/|kit/(?!stack-file/|user-error$))`,
    message: "Of scripts/kit/, the engine imports stack-file/ and user-error only.",
  },
  {
    files: ["scripts/loader/**/*.ts"],
    regex: String.raw`^\.\./`,
    message: "The loader imports its own files only.",
  },
];

const roomRules = ROOMS.map(({ files, regex, message }) => ({
  files,
  rules: {
    "@typescript-eslint/no-restricted-imports": ["error", { patterns: [{ regex, message }] }],
  },
}));

export default tseslint.config(
  { ignores: ["node_modules/", ".cache/", ".vmstation/", "**/*.cjs"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/consistent-type-assertions": [
        "error",
        { assertionStyle: "as", objectLiteralTypeAssertions: "never" },
      ],
      // Pulumi's resources live by being constructed, and a layer is a class.
      "@typescript-eslint/no-extraneous-class": "off",
      "no-new": "off",
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 50, skipBlankLines: true, skipComments: true }],
    },
  },
  ...layerRules,
  ...roomRules,
  {
    files: ["scripts/verbs/*/run.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "ExportNamedDeclaration > FunctionDeclaration[id.name='run'] > .params:not([typeAnnotation.typeAnnotation.typeName.name='Input'])",
          message: "run takes the Input of its command.ts, so that no option can be misspelt.",
        },
      ],
    },
  },
  {
    files: ["components/*.ts", "components/shared/**/*.ts", "components/remote/**/*.ts"],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: [
                ...LAYERS.map((layer) => `**/${layer}/*`),
                "**/stacks/*",
                "**/scripts/*",
                "**/test/*",
              ],
              message: "What all layers stand on knows none of them.",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["stacks/**/*.ts", "index.ts"],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        { patterns: [{ group: ["**/scripts/*", "**/test/*"], message: "Imports point one way." }] },
      ],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "max-lines-per-function": "off",
      // mocha's describe and it take functions whose result nobody awaits.
      "@typescript-eslint/no-floating-promises": "off",
    },
  },
);
