"use strict";
// Loads what an earlier process compiled as that left it, and TypeScript without loading its compiler.
const { readFileSync } = require("node:fs");
const Module = require("node:module");
const { dirname, join, sep } = require("node:path");
const v8 = require("node:v8");
const { Script } = require("node:vm");
const { CompiledCode } = require("./compiled-code.cjs");

const ROOT = dirname(dirname(__dirname));
const RUNNER = join("@pulumi", "pulumi", "cmd", "run") + sep;
const HEAD = "(function (exports, require, module, __filename, __dirname) {\n";
const MAP = "\n//# sourceMappingURL=data:application/json;base64,";

/** V8 forgets of kept code who answers its `import()`: a file that may have one is compiled by Node. */
const DYNAMIC_IMPORT = /\bimport\s*[(/]/;

/** Source maps of the TypeScript that was loaded here, as JSON in base64, by file. */
const maps = new Map();

/** What is kept for the program and the command. Tests are not: of their processes each is another. */
function openCompiled() {
  const main = process.argv[1] ?? "";
  // What only the whole SDK loads would be read by every later process.
  if (process.env.NODE_DISABLE_COMPILE_CACHE || process.env.VMSTATION_FULL_SDK) return undefined;
  if (main === join(ROOT, "scripts", "vmstation.cjs")) return new CompiledCode(ROOT, "command");
  if (!main.includes(RUNNER)) return undefined;
  // The SDK sets this flag as it loads; V8 takes code only from a process with the same flags.
  v8.setFlagsFromString("--allow-natives-syntax");
  return new CompiledCode(ROOT, "program");
}

/** Loads all that comes from here on through `compiled`; what is not in it, by `loadTypeScript` or Node. */
function install(compiled, loadTypeScript) {
  const compileNow = Module.prototype._compile;
  /** The TypeScript whose code comes next. */
  const source = { file: "", text: "" };

  Module.prototype._compile = function (code, file, format) {
    const isOurs = file.startsWith(ROOT + sep) && (format ?? "commonjs") === "commonjs";
    const script = isOurs
      ? parse(code, file, source.file === file ? source.text : undefined)
      : undefined;
    if (script) run(this, file, script);
    else compileNow.call(this, code, file, format);
  };

  /** `text` is the TypeScript that the code was made of, if it was. */
  function parse(code, file, text) {
    const known = compiled.find(file, text ?? code);
    const script = DYNAMIC_IMPORT.test(code) ? undefined : newScript(code, file, known?.data);
    const isNew = known === undefined || script?.cachedDataRejected;
    const isOfUse = script !== undefined || text !== undefined;
    if (isNew && isOfUse) compiled.keep(file, text ?? code, text && code, script);
    return script;
  }

  require.extensions[".ts"] = (module, file) => {
    const text = readFileSync(file, "utf8");
    Object.assign(source, { file, text });
    const code = compiled.find(file, text)?.code;
    if (code === undefined) loadTypeScript(module, file);
    else module._compile(code, file, "commonjs");
  };
  process.on("exit", () => compiled.save());
}

/** Undefined where the code is no CommonJS: Node says what is wrong with it, or loads it as what it is. */
function newScript(code, file, cachedData) {
  const end = code.lastIndexOf(MAP);
  if (end >= 0 && file.endsWith(".ts")) maps.set(file, code.slice(end + MAP.length));
  try {
    return new Script(`${HEAD}${end < 0 ? code : code.slice(0, end)}\n})`, {
      filename: file,
      lineOffset: -1,
      cachedData,
    });
  } catch {
    return undefined;
  }
}

function run(module, file, script) {
  const { exports } = module;
  const args = [exports, requireOf(module), module, file, dirname(file)];
  Reflect.apply(script.runInThisContext(), exports, args);
}

/** The `require` that Node gives a module. */
function requireOf(module) {
  const require = (id) => module.require(id);
  require.resolve = (id, options) => Module._resolveFilename(id, module, false, options);
  require.resolve.paths = (id) => Module._resolveLookupPaths(id, module);
  require.main = process.mainModule;
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  return require;
}

/** The source map of a file that was loaded here. */
function findMap(file) {
  const map = maps.get(file);
  if (map === undefined) return undefined;
  return new Module.SourceMap(JSON.parse(Buffer.from(map, "base64").toString("utf8")));
}

module.exports = { findMap, install, openCompiled };
