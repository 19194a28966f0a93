"use strict";
// No test writes into the checkout: what somebody has there (a state, a passphrase) is not the tests' to touch. What git
// ignores is compared before and after the run. A file that it does not ignore is somebody's who works meanwhile, or is
// found by CI, which ends with `git status`.
const { spawnSync } = require("node:child_process");

/** What the compiler remembers: `npm test` checks the types meanwhile. */
const TYPES = "!! .cache/";

/** What of the checkout git ignores; nothing where there is no git or no repository. */
function listIgnored() {
  const { status, stdout } = spawnSync("git", ["status", "--porcelain", "--ignored"], {
    encoding: "utf8",
  });
  return status === 0
    ? stdout.split("\n").filter((line) => line.startsWith("!! ") && line !== TYPES)
    : [];
}

/** @type {readonly string[]} */
let before = [];

exports.mochaGlobalSetup = () => {
  before = listIgnored();
};

exports.mochaGlobalTeardown = () => {
  const made = listIgnored().filter((line) => !before.includes(line));
  if (made.length > 0) throw new Error(`tests have written into the checkout: ${made.join(", ")}`);
};
