/**
 * `node --require tsx/cjs test/support/states/pack-state.ts EXPORT >test/support/fixtures/states/COMMIT.json.br`:
 * makes a fixture of what `pulumi stack export --show-secrets` has printed.
 */
import { readFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
import { stripState } from "./strip-state";

const [exported = ""] = process.argv.slice(2);
const { version, resources } = stripState(readFileSync(exported, "utf8"));
const text = JSON.stringify({ version, deployment: { manifest: {}, resources } });
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
