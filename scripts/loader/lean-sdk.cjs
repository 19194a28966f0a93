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

/** @typedef {() => void} LoadNow */
/** @typedef {(...words: unknown[]) => unknown} Call */
/** @typedef {typeof import("google-protobuf")} Protobuf */
/** @typedef {{ debuggablePromise: <T>(promise: Promise<T>, context: unknown) => Promise<T> }} Debuggable */

/**
 * What is changed, as far as it is there.
 * @type {Record<string, { isLeftOut?: true, change?: (loaded: NodeJS.Module) => void } | undefined>}
 */

const CHANGES = {
  // Maps traces to sources a second time, without knowing what tsx compiled; Node does so itself.
  "source-map-support/register.js": { isLeftOut: true },
  // Each debug message is a call to the engine, one after the other: as long as the graph takes.
  "@pulumi/pulumi/log/index.js": { change: ({ exports: log }) => (log.debug = nothing) },
  // The runner debugs its own process from the start, in case a function must be serialized; the
  // session is opened when that happens, too, and slows down all else.
  "@pulumi/pulumi/runtime/closure/v8Hooks.js": {
    change: ({ exports: hooks }) => (hooks.isInitializedAsync = nothing),
  },
  // Encodes and decodes texts a character at a time, in lists of numbers; ours are whole scripts.
  "google-protobuf/google-protobuf.js": { change: (loaded) => withNativeTexts(loaded.exports) },
  // Records a stack trace for each of tens of thousands of promises.
  "@pulumi/pulumi/runtime/debuggable.js": { change: (loaded) => withoutTraces(loaded.exports) },
};

const isOff = ["VMSTATION_FULL_SDK", "PULUMI_DEBUG_PROMISE_LEAKS"].some((key) => process.env[key]);

/**
 * Loads a file of a package (`name` is its path in node_modules), or arranges for it.
 * @param {string} name
 * @param {NodeJS.Module} loaded
 * @param {LoadNow} loadNow
 */
function load(name, loaded, loadNow) {
  if (isOff) return loadNow();
  if (RARELY_USED.some((pattern) => pattern.test(name))) return loadWhenUsed(loaded, loadNow);
  if (RARELY_CALLED.some((pattern) => pattern.test(name))) return loadWhenCalled(loaded, loadNow);
  const { isLeftOut, change } = CHANGES[name] ?? {};
  if (isLeftOut) return;
  loadNow();
  change?.(loaded);
}

/** @param {Debuggable} debuggable */
function withoutTraces(debuggable) {
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (promise, context) => {
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

/**
 * On the wire a text is its UTF-8 bytes. What is no Unicode has none: such texts are left to the package.
 * @param {Protobuf} protobuf
 */
function withNativeTexts({ BinaryReader, BinaryWriter }) {
  const { writeString } = BinaryWriter.prototype;
  /**
   * @this {import("google-protobuf").BinaryWriter}
   * @param {number} field
   * @param {string} text
   */
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

/**
 * Gives a module exports that load it when one of them is first asked for.
 * @param {NodeJS.Module} loaded
 * @param {LoadNow} loadNow
 */
function loadWhenUsed(loaded, loadNow) {
  /** @type {Record<string | symbol, unknown>} */
  const own = loaded.exports;
  /** @type {typeof own} */
  const standIn = new Proxy(own, {
    get(_, name) {
      // Asked by compiled imports only to see whether the exports can be used as they are.
      if (name === "__esModule") return true;
      return loadOnce(loaded, standIn, own, loadNow)[name];
    },
  });
  loaded.exports = standIn;
}

/**
 * Gives a module that exports a function one that loads it when it is first called.
 * @param {NodeJS.Module} loaded
 * @param {LoadNow} loadNow
 */
function loadWhenCalled(loaded, loadNow) {
  /** @type {Call} */
  const own = loaded.exports;
  /** @type {Call} */
  const standIn = (...args) => loadOnce(loaded, standIn, own, loadNow)(...args);
  loaded.exports = standIn;
}

/**
 * What a module exports, which it puts into its `own` exports or in their place.
 * @template T
 * @param {NodeJS.Module} loaded
 * @param {T} standIn
 * @param {T} own
 * @param {LoadNow} loadNow
 * @returns {T}
 */
function loadOnce(loaded, standIn, own, loadNow) {
  if (loaded.exports === standIn) {
    loaded.exports = own;
    loadNow();
  }
  return loaded.exports;
}

module.exports = { load, CHANGES, RARELY_CALLED, RARELY_USED };
