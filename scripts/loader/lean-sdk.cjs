"use strict";
// A Pulumi program spends most of its start on what it never uses, and most of its run on messages
// that nobody sees. This leaves both out, for programs that are started through register.cjs; what a
// program does is the same. Where the SDK moves a file, it is loaded as it is. VMSTATION_FULL_SDK=1
// leaves the SDK alone, to look for a fault in it.

/** Loaded when first used, which they are only to serialize functions, to drive the engine or be a
 * provider, to send traces to a collector, to find manifests by a pattern, and to say what is wrong with
 * a value in one of fifty languages. */
const RARELY_USED = [
  /^@pulumi\/pulumi\/(typescript-shim|automation\/index|provider\/index)\.js$/,
  /^@npmcli\/arborist\/lib\/index\.js$/,
  /^fdir\/dist\/index\.cjs$/,
  /^glob\/dist\/commonjs\/index\.js$/,
  /^@opentelemetry\/(?!api\/)[^/]+\/build\/src\/index\.js$/,
  /^zod\/v4\/locales\/index\.cjs$/,
];

/** The same, where what is exported is a function. */
const RARELY_CALLED = [/^normalize-package-data\/lib\/normalize\.js$/];

const nothing = () => Promise.resolve();

const CHANGES = {
  // Maps traces to sources a second time, without knowing what tsx compiled; Node does so itself.
  "source-map-support/register.js": { isLeftOut: true },
  // Each debug message is a call to the engine, one after the other: as long as the graph takes.
  "@pulumi/pulumi/log/index.js": { change: (log) => (log.debug = nothing) },
  // The runner debugs its own process from the start, in case a function must be serialized; the
  // session is opened when that happens, too, and slows down all else.
  "@pulumi/pulumi/runtime/closure/v8Hooks.js": {
    change: (hooks) => (hooks.isInitializedAsync = nothing),
  },
  // Encodes and decodes texts a character at a time, in lists of numbers; ours are whole scripts.
  "google-protobuf/google-protobuf.js": { change: withNativeTexts },
  // Takes a trace for each of tens of thousands of promises.
  "@pulumi/pulumi/runtime/debuggable.js": { change: withoutTraces },
};

const isOff = ["VMSTATION_FULL_SDK", "PULUMI_DEBUG_PROMISE_LEAKS"].some((key) => process.env[key]);

/** Loads a file of a package (`name` is its path in node_modules), or arranges for it. */
function load(name, module, loadNow) {
  if (isOff) return loadNow();
  if (RARELY_USED.some((pattern) => pattern.test(name))) return loadWhenUsed(module, loadNow);
  if (RARELY_CALLED.some((pattern) => pattern.test(name))) return loadWhenCalled(module, loadNow);
  const { isLeftOut, change } = CHANGES[name] ?? {};
  if (isLeftOut) return;
  loadNow();
  change?.(module.exports);
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

/** From this length on Node's own encoder is worth calling, in UTF-16 units. */
const LONG = 100;

/** On the wire a text is its UTF-8 bytes. What is no Unicode has none: such texts are left to the package. */
function withNativeTexts({ BinaryReader, BinaryWriter }) {
  const { writeString } = BinaryWriter.prototype;
  BinaryWriter.prototype.writeString = function (field, text) {
    const isLong = typeof text === "string" && text.length >= LONG && text.isWellFormed();
    if (isLong) this.writeBytes(field, Buffer.from(text));
    else writeString.call(this, field, text);
  };
  BinaryReader.prototype.readString = function () {
    const { buffer, byteOffset, byteLength } = this.readBytes();
    return Buffer.from(buffer, byteOffset, byteLength).toString();
  };
}

/** Gives a module exports that load it when one of them is first asked for. */
function loadWhenUsed(module, loadNow) {
  const own = module.exports;
  const standIn = new Proxy(own, {
    get(_, name) {
      // Asked by compiled imports only to see whether the exports can be used as they are.
      if (name === "__esModule") return true;
      return loadOnce(module, standIn, own, loadNow)[name];
    },
  });
  module.exports = standIn;
}

/** Gives a module that exports a function one that loads it when it is first called. */
function loadWhenCalled(module, loadNow) {
  const own = module.exports;
  const standIn = (...args) => loadOnce(module, standIn, own, loadNow)(...args);
  module.exports = standIn;
}

/** What a module exports, which it puts into its `own` exports or in their place. */
function loadOnce(module, standIn, own, loadNow) {
  if (module.exports === standIn) {
    module.exports = own;
    loadNow();
  }
  return module.exports;
}

module.exports = { load, CHANGES, RARELY_CALLED, RARELY_USED };
