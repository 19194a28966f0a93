"use strict";
// Compiles TypeScript as it is loaded, so there is nothing to build and nothing that can be stale.
//
// tsx by itself also reads every JavaScript file, to see whether it needs compiling, and has Node
// read the source map of each. Packages run as they are and need neither: with Node's own loader
// and no source maps for `.js`, loading the SDKs takes half the time.
const loadJavaScript = require.extensions[".js"];
require("tsx/cjs");
require.extensions[".js"] = (module, file) => {
  process.setSourceMapsEnabled(false);
  try {
    loadJavaScript(module, file);
  } finally {
    process.setSourceMapsEnabled(true);
  }
};
