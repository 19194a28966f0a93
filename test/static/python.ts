import path from "node:path";
import { findPythonCheck, run, type Check, type Outcome } from "./check";
import { isOf } from "./files";

const PYTHON = { ending: ".py", interpreter: /^#!.*\bpython3?\b/ };

const INSTALL = "install it by test/static/install.sh";

const select = (files: readonly string[]): string[] => files.filter((file) => isOf(PYTHON, file));

/** Rules and form, as pyproject.toml has them. */
export const pythonRules: Check = {
  name: "Python's rules",
  run: async (files) => {
    const ruff = findPythonCheck("ruff");
    if (ruff === undefined) return { skipped: `there is no ruff: ${INSTALL}` };
    const cache = ["--cache-dir", ".cache/ruff"];
    const scripts = select(files);
    const checked = await run(ruff, [
      "check",
      "-q",
      "--output-format=concise",
      ...cache,
      ...scripts,
    ]);
    const form = await run(ruff, ["format", "--check", "-q", ...cache, ...scripts]);
    const wrong = [
      ...(checked.ok ? [] : [checked.said]),
      ...(form.ok ? [] : [explain(form.said, ruff)]),
    ];
    return { faults: wrong.join("") };
  },
};

const explain = (said: string, ruff: string): string =>
  `${said}write them by: ${ruff} format FILE\n`;

/** Types, of each folder's programs by themselves: folders have modules of the same names. */
export const pythonTypes: Check = {
  name: "Python's types",
  run: async (files): Promise<Outcome> => {
    const python = findPythonCheck("python");
    if (python === undefined || findPythonCheck("mypy") === undefined)
      return { skipped: `there is no mypy: ${INSTALL}` };
    const driver = path.join(__dirname, "python_types.py");
    const { ok, said } = await run(python, ["-B", driver, ...select(files)]);
    if (ok) process.stdout.write(said);
    return { faults: ok ? "" : said };
  },
};
