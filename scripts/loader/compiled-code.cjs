"use strict";
// What V8 made of the files that a process loaded, kept for the next process: Node 20 compiles each
// function anew in each process. Node 22 does the same by itself (module.enableCompileCache), but
// without the TypeScript. A file is known by its text's length and checksum, as it is there, all of
// them by the versions of the packages and of V8.
const { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const v8 = require("node:v8");
const { crc32 } = require("node:zlib");

/** What decides how TypeScript is compiled, besides its text. */
const BASIS = ["node_modules/.package-lock.json", "tsconfig.json"];

class CompiledCode {
  /** Files compiled in this process: what is known of them, and the vm.Script that can tell the rest. */
  #fresh = new Map();
  #basis;
  #file;
  #known;

  /** Of a project's folder, by the name of what is run there. */
  constructor(root, name) {
    this.#file = join(root, ".cache/compiled", `${name}-${v8.cachedDataVersionTag()}`);
    this.#basis = BASIS.map((path) => checksum(join(root, path))).join();
    this.#known = this.#read();
  }

  /** `{ code, data }` as they were kept of a file whose text is still the same, or undefined. */
  find(file, text) {
    const entry = this.#known.get(file);
    return entry?.length === text.length && entry.crc === crc32(text) ? entry : undefined;
  }

  /** Keeps the code that was made of a file's text, and what V8 made of it where there is a script. */
  keep(file, text, code, script) {
    this.#fresh.set(file, { length: text.length, crc: crc32(text), code, script });
  }

  /** To be called at the very end: what V8 then knows includes the functions that were called. */
  save() {
    if (this.#fresh.size === 0) return;
    try {
      for (const [file, { script, ...entry }] of this.#fresh) {
        this.#known.set(file, { ...entry, data: script?.createCachedData() });
      }
      const files = v8.serialize(this.#known);
      this.#write(v8.serialize({ basis: this.#basis, crc: crc32(files), files }));
    } catch {
      // A folder that cannot be written to, or a full disk: the next process compiles again. How this
      // one ends is not for what it leaves behind to decide.
    }
  }

  #write(content) {
    const own = `${this.#file}.${String(process.pid)}`;
    mkdirSync(dirname(own), { recursive: true });
    try {
      writeFileSync(own, content);
      renameSync(own, this.#file);
    } finally {
      rmSync(own, { force: true });
    }
  }

  #read() {
    try {
      const { basis, crc, files } = v8.deserialize(readFileSync(this.#file));
      if (basis === this.#basis && crc === crc32(files)) return v8.deserialize(files);
    } catch {
      // There is none yet, or it is of no use.
    }
    return new Map();
  }
}

function checksum(file) {
  try {
    return crc32(readFileSync(file));
  } catch {
    return "";
  }
}

module.exports = { CompiledCode };
