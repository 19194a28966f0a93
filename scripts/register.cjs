"use strict";
// Compiles TypeScript as it is loaded, so there is nothing to build and nothing that can be stale.
//
// tsx by itself also reads every JavaScript file, to see whether it needs compiling, and has Node
// read the source map of each. Packages run as they are and need neither: with Node's own loader
// and no source maps for `.js`, loading the SDKs takes half the time.
const loadJavaScript = require.extensions[".js"];
const { TMPDIR, VMSTATION_COMPILE_TMPDIR } = process.env;
// tsx keeps what it compiled in the temporary folder, which `vmstation pulumi` wipes after a run.
if (VMSTATION_COMPILE_TMPDIR) process.env.TMPDIR = VMSTATION_COMPILE_TMPDIR;
require("tsx/cjs");
if (VMSTATION_COMPILE_TMPDIR) process.env.TMPDIR = TMPDIR;
require.extensions[".js"] = (module, file) => {
  process.setSourceMapsEnabled(false);
  try {
    loadJavaScript(module, file);
  } finally {
    process.setSourceMapsEnabled(true);
  }
};
