"use strict";
const { findSourceMap } = require("node:module");

const wantsPromises = process.env.PULUMI_DEBUG_PROMISE_LEAKS !== undefined;

/**
 * A stack trace (V8's Error.prepareStackTrace) with the places in TypeScript. The SDK asks for the
 * trace of each of its promises, more than ten thousand in a plan of the homelab, and shows one only
 * with PULUMI_DEBUG_PROMISE_LEAKS; these are left out otherwise, which saves a quarter of the time.
 */
function renderTrace(error, frames) {
  if (!wantsPromises && frames[0]?.getFunctionName() === "debuggablePromise") return "";
  return [String(error), ...frames.map(renderFrame)].join("\n    at ");
}

function renderFrame(frame) {
  const text = String(frame);
  const file = frame.getFileName();
  const map = file ? sourceMap(file) : undefined;
  const line = frame.getLineNumber();
  const column = frame.getColumnNumber();
  if (!map || !line || !column) return text;
  const { originalLine, originalColumn } = map.findEntry(line - 1, column - 1);
  if (originalLine === undefined) return text;
  return text.replace(`:${line}:${column}`, `:${originalLine + 1}:${originalColumn + 1}`);
}

const maps = new Map();

/** Only TypeScript has a map; looking one up takes longer than all the rest. */
function sourceMap(file) {
  if (!file.endsWith(".ts")) return undefined;
  if (!maps.has(file)) maps.set(file, findSourceMap(file));
  return maps.get(file);
}

module.exports = { renderTrace };
