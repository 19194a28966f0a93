"use strict";
// Prints the tests' files for mocha. To start a program costs by the memory of the process that starts it: 3 ms at 50 MB,
// 20 ms at 300 MB. So what starts shells and Python comes first, while mocha's processes are small, and what records
// whole stacks comes last.
const { readdirSync, readFileSync } = require("node:fs");
const path = require("node:path");

const STARTS_PROGRAMS = /node:child_process|support\/(?:sandbox|python)"/;
const RECORDS_STACKS = /support\/(?:added-program|mocks|site|stack)"/;

const test = path.join(__dirname, "..");
const files = ["scripts", "unit"]
  .flatMap((folder) =>
    readdirSync(path.join(test, folder), { recursive: true }).map((name) =>
      path.join(folder, String(name)),
    ),
  )
  .filter((name) => name.endsWith(".test.ts"))
  .sort()
  .map((name) => path.join(path.relative(process.cwd(), test), name));

/** @param {string} file */
function weight(file) {
  const text = readFileSync(file, "utf8");
  if (RECORDS_STACKS.test(text)) return 2;
  return STARTS_PROGRAMS.test(text) ? 0 : 1;
}

const weighed = files.map((file) => ({ file, weight: weight(file) }));
console.log(
  weighed
    .sort((a, b) => a.weight - b.weight)
    .map(({ file }) => file)
    .join("\n"),
);
