import tseslint from "typescript-eslint";
import rooms from "./eslint.rooms.cjs";

export default tseslint.config(
  { ignores: ["node_modules/", ".cache/", ".vmstation/"] },
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
      "max-lines": ["error", 300],
      "max-lines-per-function": ["error", { max: 50, skipBlankLines: true, skipComments: true }],
    },
  },
  ...rooms.ROOMS,
  ...rooms.VERBS,
  {
    // The loader, which runs before TypeScript can be loaded.
    files: ["**/*.cjs"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      sourceType: "commonjs",
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/no-require-imports": "off",
      // What a module exports has no type there.
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      // Methods of packages are replaced.
      "@typescript-eslint/unbound-method": "off",
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
