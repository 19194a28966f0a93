"use strict";
// What is compiled is kept by its path, and that of a copy is new in each run: so the whole program would be compiled for
// each. Here a file whose text is the original's is compiled as the original, which is there already.

const compile = require.extensions[".ts"];
if (compile === undefined) throw new Error("no hook that compiles TypeScript is there yet");

/**
 * Loads a module. `findOriginal` says of a file that it needs where the same text is.
 * @param {string} file
 * @param {(copy: string) => string | undefined} findOriginal
 * @returns {unknown}
 */
exports.loadCopy = (file, findOriginal) => {
  require.extensions[".ts"] = (module, copy) => {
    const original = findOriginal(copy);
    if (original === undefined) compile(module, copy);
    else compile(compileAs(module, original, copy), original);
  };
  try {
    return require(file);
  } finally {
    require.extensions[".ts"] = compile;
  }
};

/**
 * A module for which `original` is compiled and which is `copy`: tsx writes a file's own name into what it compiles.
 * @param {NodeJS.Module} module
 * @param {string} original
 * @param {string} copy
 */
function compileAs(module, original, copy) {
  const runs = /** @type {NodeJS.Module & { _compile(code: string, file: string): void }} */ (
    module
  );
  /** @param {string} code */
  const value = (code) => {
    runs._compile(
      code.replaceAll(JSON.stringify(original), () => JSON.stringify(copy)),
      copy,
    );
  };
  return Object.create(module, { _compile: { value } });
}
