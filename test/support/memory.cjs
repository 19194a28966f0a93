"use strict";
// The tests make and remove many small files. On a disk that takes an eighth of all their CPU time, in memory hardly any.
// So their temporary folder is in memory where Linux has room there for it; elsewhere it is the usual one.
const { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync } = require("node:fs");
const { tmpdir } = require("node:os");
const path = require("node:path");

const MEMORY = "/dev/shm";
const PREFIX = "vmstation-tests-";
const NEEDED_BYTES = 1024 ** 3;

function isUsable() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
    const [, , type, options = ""] =
      mounts.find((line) => line.split(" ")[1] === MEMORY)?.split(" ") ?? [];
    return (
      type === "tmpfs" && !options.split(",").includes("noexec") && bavail * bsize >= NEEDED_BYTES
    );
  } catch {
    return false;
  }
}

/** Of runs that were killed: each folder is named after its process. */
function removeOld() {
  for (const name of readdirSync(MEMORY))
    if (name.startsWith(PREFIX) && !isAlive(Number(name.slice(PREFIX.length))))
      rmSync(path.join(MEMORY, name), { recursive: true, force: true });
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

// Mocha's other processes get it from the first one.
if (!tmpdir().startsWith(path.join(MEMORY, PREFIX)) && isUsable()) {
  removeOld();
  const folder = path.join(MEMORY, `${PREFIX}${String(process.pid)}`);
  mkdirSync(folder, { mode: 0o700 });
  // What is compiled is kept for the next run.
  process.env.VMSTATION_COMPILE_TMPDIR ??= tmpdir();
  process.env.TMPDIR = folder;
  process.once("exit", () => {
    rmSync(folder, { recursive: true, force: true });
  });
}
