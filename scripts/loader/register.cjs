"use strict";
// Compiles TypeScript as it is loaded, so there is nothing to build and nothing that can be stale.
require("./short-lived.cjs");
const { sep } = require("node:path");
const { install, openCompiled } = require("./compile.cjs");
const lean = require("./lean-sdk.cjs");
const { renderTrace } = require("./trace.cjs");

const loadJavaScript = require.extensions[".js"];

/** Loads tsx, which puts itself in charge of `require.extensions`, and returns its own for TypeScript. */
function loadCompiler() {
  const { TMPDIR, VMSTATION_COMPILE_TMPDIR } = process.env;
  // tsx keeps what it compiled in the temporary folder, which `vmstation pulumi` wipes after a run.
  if (VMSTATION_COMPILE_TMPDIR) process.env.TMPDIR = VMSTATION_COMPILE_TMPDIR;
  require("tsx/cjs");
  if (VMSTATION_COMPILE_TMPDIR) process.env.TMPDIR = TMPDIR;
  Error.prepareStackTrace = renderTrace;
  require.extensions[".js"] = loadPackages;
  return require.extensions[".ts"];
}

// tsx also reads every JavaScript file, to see whether it needs compiling, and has Node read the
// source map of each. Packages run as they are and need neither.
function loadPackages(module, file) {
  const start = file.lastIndexOf(`${sep}node_modules${sep}`);
  const name = file.slice(start + "/node_modules/".length).replaceAll(sep, "/");
  lean.load(start < 0 ? "" : name, module, () => {
    process.setSourceMapsEnabled(false);
    try {
      loadJavaScript(module, file);
    } finally {
      process.setSourceMapsEnabled(true);
    }
  });
}

const compiled = openCompiled();
if (compiled) {
  let compile;
  install(compiled, (module, file) => {
    const load = require.extensions[".ts"];
    compile ??= loadCompiler();
    require.extensions[".ts"] = load;
    compile(module, file);
  });
  require.extensions[".js"] = loadPackages;
  Error.prepareStackTrace = renderTrace;
  process.setSourceMapsEnabled(true);
} else {
  loadCompiler();
}
