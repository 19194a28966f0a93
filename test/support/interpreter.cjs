"use strict";
// A version manager (pyenv, asdf) puts a script in Python's place that takes eight times as long to start as Python
// itself, and the tests start it hundreds of times: the next interpreter on PATH is taken, or else the one behind it.
const { spawnSync } = require("node:child_process");
const { closeSync, existsSync, openSync, readSync } = require("node:fs");
const path = require("node:path");

/** @param {string} file */
function isScript(file) {
  const start = Buffer.alloc(2);
  const opened = openSync(file, "r");
  readSync(opened, start, 0, 2, 0);
  closeSync(opened);
  return start.toString() === "#!";
}

/** @param {string} shim */
function behind(shim) {
  const ask = ["-c", "import sys; print(sys.executable)"];
  const { status, stdout } = spawnSync(shim, ask, { encoding: "utf8" });
  return path.dirname(status === 0 ? stdout.trim() : shim);
}

const folders = (process.env.PATH ?? "").split(path.delimiter);
const having = folders.filter((folder) => existsSync(path.join(folder, "python3")));
const [first, next] = having.map((folder) => path.join(folder, "python3"));
if (first !== undefined && isScript(first)) {
  // The system's own, if there is one: it is what runs on machines, and it starts without what was installed for others.
  const rest = folders.filter((folder) => folder !== path.dirname(first));
  process.env.PATH = [...(next === undefined ? [behind(first)] : []), ...rest].join(path.delimiter);
}
