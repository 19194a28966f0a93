"use strict";
// Compiles TypeScript as it is loaded, so there is nothing to build and nothing that can be stale,
// and spares a Pulumi program most of what loading the SDK costs.
const { sep } = require("node:path");
const { renderTrace } = require("./trace.cjs");

// tsx by itself also reads every JavaScript file, to see whether it needs compiling, and has Node
// read the source map of each. Packages run as they are and need neither.
const loadJavaScript = require.extensions[".js"];
const { TMPDIR, VMSTATION_COMPILE_TMPDIR } = process.env;
// tsx keeps what it compiled in the temporary folder, which `vmstation pulumi` wipes after a run.
if (VMSTATION_COMPILE_TMPDIR) process.env.TMPDIR = VMSTATION_COMPILE_TMPDIR;
require("tsx/cjs");
if (VMSTATION_COMPILE_TMPDIR) process.env.TMPDIR = TMPDIR;

// Pulumi's runner loads this to map traces to sources, but it knows nothing of what tsx compiled.
const OTHER_MAPPER = "/node_modules/source-map-support/register.js";
Error.prepareStackTrace = renderTrace;

// Most of what a program loads is never used: what serializes functions into resources (a compiler
// and a package manager), what sends traces to a collector, and error messages in fifty languages.
const RARELY_USED =
  /^\/node_modules\/(?:@pulumi\/pulumi\/typescript-shim\.js|@npmcli\/arborist\/lib\/index\.js|@opentelemetry\/(?!api\/)[^/]+\/build\/src\/index\.js|zod\/v4\/locales\/index\.cjs)$/;

// Takes a trace for each of the SDK's promises, tens of thousands, to show it only when asked to.
const PROMISES = "/node_modules/@pulumi/pulumi/runtime/debuggable.js";

require.extensions[".js"] = (module, file) => {
  const name = file.slice(file.lastIndexOf(`${sep}node_modules${sep}`)).replaceAll(sep, "/");
  if (name === OTHER_MAPPER) return;
  if (RARELY_USED.test(name)) loadWhenUsed(module, () => load(module, file));
  else load(module, file);
  if (name === PROMISES && !process.env.PULUMI_DEBUG_PROMISE_LEAKS) withoutTraces(module.exports);
};

function load(module, file) {
  process.setSourceMapsEnabled(false);
  try {
    loadJavaScript(module, file);
  } finally {
    process.setSourceMapsEnabled(true);
  }
}

function withoutTraces(exports) {
  const { debuggablePromise } = exports;
  exports.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

/** Gives a module exports that load it when one of them is first asked for. */
function loadWhenUsed(module, loadNow) {
  let isLoaded = false;
  module.exports = new Proxy(
    {},
    {
      get(_, name) {
        // Asked by compiled imports only to see whether the exports can be used as they are.
        if (name === "__esModule") return true;
        if (!isLoaded) {
          isLoaded = true;
          loadNow();
        }
        return module.exports[name];
      },
    },
  );
}
