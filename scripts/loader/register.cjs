"use strict";
// Compiles TypeScript as it is loaded, so there is nothing to build and nothing that can be stale.
const { sep } = require("node:path");
const lean = require("./lean-sdk.cjs");

const loadJavaScript = require.extensions[".js"];

const { TMPDIR, VMSTATION_COMPILE_TMPDIR } = process.env;
// tsx keeps what it compiled in the temporary folder, which `vmstation pulumi` wipes after a run.
if (VMSTATION_COMPILE_TMPDIR) process.env.TMPDIR = VMSTATION_COMPILE_TMPDIR;
require("tsx/cjs");
if (VMSTATION_COMPILE_TMPDIR) process.env.TMPDIR = TMPDIR;

// tsx reads every JavaScript file as well, to see whether it needs compiling. Packages run as they are.
/**
 * @param {NodeJS.Module} module
 * @param {string} file
 */
require.extensions[".js"] = (module, file) => {
  const start = file.lastIndexOf(`${sep}node_modules${sep}`);
  const name = file.slice(start + "/node_modules/".length).replaceAll(sep, "/");
  lean.load(start < 0 ? "" : name, module, () => loadJavaScript(module, file));
};
