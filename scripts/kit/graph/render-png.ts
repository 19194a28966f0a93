import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Pixels for each point of the drawing: letters of nine points stay readable. */
const SCALE = 2;

const require = createRequire(__filename);

/**
 * A drawing as PNG. The rasterizer is WebAssembly and brings its own font, since a server may have none; it is loaded
 * only here.
 */
export async function renderPng(svg: string): Promise<Uint8Array> {
  const { initWasm, Resvg } = await import("@resvg/resvg-wasm");
  started ??= initWasm(readFileSync(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
  await started;
  const family = "DejaVu Sans";
  const drawing = new Resvg(svg, {
    background: "white",
    fitTo: { mode: "zoom", value: SCALE },
    font: {
      fontBuffers: [readFont(400), readFont(700)],
      ...{ defaultFontFamily: family, sansSerifFamily: family },
    },
  });
  return drawing.render().asPng();
}

/** It may be started only once in a process. */
let started: Promise<void> | undefined;

function readFont(weight: number): Uint8Array {
  const file = `@fontsource/dejavu-sans/files/dejavu-sans-latin-${weight}-normal.woff2`;
  return readFileSync(require.resolve(file));
}
