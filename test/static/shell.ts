import { findProgram, NOTHING_FOUND, run, type Check } from "./check";
import { isOf, Passed } from "./files";

const SHELL = { ending: ".sh", interpreter: /^#!.*\b(sh|bash)\b/ };

/** Every shell file, also those that are read into others: each names its shell in its first lines. */
export const shell: Check = {
  name: "shell",
  run: async (files) => {
    const shellcheck = findProgram("shellcheck");
    if (shellcheck === undefined) return { skipped: "there is no shellcheck on the PATH" };
    const { said: version } = await run(shellcheck, ["--version"]);
    const scripts = files.filter((file) => isOf(SHELL, file));
    const passed = new Passed("shell", version);
    const left = passed.leftOf(scripts);
    if (left.length === 0) return NOTHING_FOUND;
    const { ok, said } = await run(shellcheck, ["--format=gcc", "--", ...left]);
    if (ok) passed.keep(scripts);
    return { faults: ok ? "" : said };
  },
};
