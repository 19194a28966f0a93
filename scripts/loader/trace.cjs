"use strict";
const { findSourceMap } = require("node:module");
const { findMap } = require("./compile.cjs");

/** A stack trace (V8's Error.prepareStackTrace) with the places in TypeScript. */
function renderTrace(error, frames) {
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
  if (!maps.has(file)) maps.set(file, findMap(file) ?? findSourceMap(file));
  return maps.get(file);
}

module.exports = { renderTrace };
