"use strict";
// A version manager (pyenv, asdf) puts a script in Python's place that takes eight times as long to start as Python
// itself, and the tests start it hundreds of times: the interpreter behind it goes first on PATH.
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

const folders = (process.env.PATH ?? "").split(path.delimiter);
const found = folders.map((folder) => path.join(folder, "python3")).find(existsSync);
if (found !== undefined && isScript(found)) {
  const ask = ["-c", "import sys; print(sys.executable)"];
  const { status, stdout } = spawnSync(found, ask, { encoding: "utf8" });
  if (status === 0)
    process.env.PATH = [path.dirname(stdout.trim()), ...folders].join(path.delimiter);
}
