/**
 * `node --require tsx/cjs test/support/states/pack-state.ts EXPORT PLAN >test/support/fixtures/states/COMMIT.json.br`:
 * makes a fixture of what `pulumi stack export --show-secrets` has printed, and of what the same version's
 * `vmstation plan --json` has beside that.
 */
import { readFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
import { stripPlan } from "./strip-plan";
import { stripState } from "./strip-state";

const [exported = "", planned = ""] = process.argv.slice(2);
const { version, resources } = stripState(readFileSync(exported, "utf8"));
const urns = new Set(resources.map(({ urn }) => urn));
const more = stripPlan(readFileSync(planned, "utf8"), urns);
const text = JSON.stringify({
  version,
  deployment: { manifest: {}, resources: [...resources, ...more] },
});
process.stdout.write(
  brotliCompressSync(text, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      // One script much like the next is found again also a megabyte later.
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    },
  }),
);
