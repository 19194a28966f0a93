import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");
const PARTS = [
  ...["compile.cjs", "compiled-code.cjs", "lean-sdk.cjs", "register.cjs"],
  ...["short-lived.cjs", "trace.cjs"],
];

/** Whether a process has loaded the compiler, as it says itself. */
const IS_COMPILED = `Object.keys(require.cache).some((file) => file.includes("/tsx/"))`;

/** A project with a command of its own, which says as JSON what it saw and whether it was compiled. */
class Project {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "vmstation-test-")));

  constructor() {
    mkdirSync(this.at("scripts/loader"), { recursive: true });
    for (const name of ["vmstation.cjs", ...PARTS.map((part) => join("loader", part))]) {
      cpSync(join(ROOT, "scripts", name), this.at("scripts", name));
    }
    symlinkSync(join(ROOT, "node_modules"), this.at("node_modules"));
    this.write("tsconfig.json", `{ "compilerOptions": { "target": "ES2022" } }`);
    this.say(`"one"`);
  }

  at(...names: string[]): string {
    return join(this.folder, ...names);
  }

  write(name: string, text: string): void {
    writeFileSync(this.at(name), text);
  }

  say(value: string): void {
    const text = `export const said: unknown = ${value};
console.log(JSON.stringify({ said, isCompiled: ${IS_COMPILED} }));`;
    this.write("scripts/cli.ts", text);
  }

  run(env: Record<string, string> = {}, args = [this.at("scripts/vmstation.cjs")]): unknown {
    const options = {
      cwd: this.folder,
      env: { ...process.env, ...env },
      encoding: "utf8",
    } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
    assert.equal(status, 0, stderr);
    assert.equal(stderr, "");
    return JSON.parse(stdout);
  }

  /** The one file that holds what was compiled. */
  kept(): string {
    const files = readdirSync(this.at(".cache/compiled"));
    assert.equal(files.length, 1, files.join());
    return this.at(".cache/compiled", files[0] ?? "");
  }
}

describe("what was compiled before", function () {
  this.timeout(60_000);
  let project: Project;

  beforeEach(() => {
    project = new Project();
  });

  afterEach(() => {
    rmSync(project.folder, { recursive: true });
  });

  it("is loaded without the compiler, and not written again, until the file or the compiler's options are others", () => {
    assert.deepEqual(project.run(), { said: "one", isCompiled: true });
    const first = statSync(project.kept()).ino;
    assert.deepEqual(project.run(), { said: "one", isCompiled: false });
    assert.equal(statSync(project.kept()).ino, first);
    // As long as before.
    project.say(`"two"`);
    assert.deepEqual(project.run(), { said: "two", isCompiled: true });
    assert.deepEqual(project.run(), { said: "two", isCompiled: false });
    project.write("tsconfig.json", `{ "compilerOptions": { "target": "ES2020" } }`);
    assert.deepEqual(project.run(), { said: "two", isCompiled: true });
  });

  it("is compiled anew where what was kept is damaged or cut", () => {
    project.run();
    const bytes = readFileSync(project.kept());
    const damaged = Buffer.from(bytes);
    const middle = Math.floor(bytes.length / 2);
    damaged.fill(0, middle, middle + 64);
    for (const content of [damaged, bytes.subarray(0, middle), Buffer.alloc(0)]) {
      writeFileSync(project.kept(), content);
      assert.deepEqual(project.run(), { said: "one", isCompiled: true });
    }
  });

  it("need not be kept: where it cannot be written, or is not wanted, all works as well", () => {
    project.write(".cache", "a file where a folder is needed");
    for (let run = 0; run < 2; run += 1) {
      assert.deepEqual(project.run(), { said: "one", isCompiled: true });
    }
    rmSync(project.at(".cache"));
    const env = { NODE_DISABLE_COMPILE_CACHE: "1" };
    for (let run = 0; run < 2; run += 1) {
      assert.deepEqual(project.run(env), { said: "one", isCompiled: true });
    }
    assert.throws(() => project.kept(), /ENOENT/);
  });

  it("behaves the same: its traces, its require and what it imports", () => {
    project.write("scripts/other.ts", `export const here = [__filename, __dirname];`);
    project.say(`[
      new Error("a bug").stack?.split("\\n")[1]?.replace(/.*scripts/, ""),
      require.main?.filename, require.resolve("./other"), require.resolve.paths("x")?.[0],
      module.children.length, Object.keys(require.extensions).includes(".ts"),
      (require("./other") as { here: string[] }).here,
      typeof (require("execa") as { execa: unknown }).execa,
    ]`);
    const first = project.run();
    const second = project.run();
    const line = "/cli.ts:2:7";
    const [main, other] = ["vmstation.cjs", "other.ts"].map((name) => project.at("scripts", name));
    const modules = project.at("scripts/node_modules");
    const here = [other, project.at("scripts")];
    const said = [line, main, other, modules, 0, true, here, "function"];
    assert.deepEqual(first, { said, isCompiled: true });
    assert.deepEqual(second, { said, isCompiled: false });
  });

  it("lets TypeScript and JavaScript import() what they need, each time", () => {
    project.write("scripts/plain.cjs", `exports.load = () => import ( "execa" );`);
    project.write(
      "scripts/cli.ts",
      `const { load } = require("./plain.cjs") as { load(): Promise<object> };
const isCompiled = ${IS_COMPILED};
void Promise.all([import("execa"), load()]).then((modules) => {
  const said = modules.map((module) => "execa" in module);
  console.log(JSON.stringify({ said, isCompiled }));
});`,
    );
    const said = [true, true];
    assert.deepEqual(project.run(), { said, isCompiled: true });
    assert.deepEqual(project.run(), { said, isCompiled: false });
  });

  it("is of use to the SDK's runner also where it was loaded before the SDK", () => {
    project.write("early.ts", `export const loaded: string = "early";`);
    const runner = join(ROOT, "node_modules/@pulumi/pulumi/cmd/run/index.js");
    const hooks = join(ROOT, "node_modules/@pulumi/pulumi/runtime/closure/v8Hooks.js");
    project.write("stand-in.cjs", `require(${JSON.stringify(hooks)}); console.log("{}");`);
    project.write("as-runner.cjs", `process.argv[1] = ${JSON.stringify(runner)};`);
    const before = ["./as-runner.cjs", "./scripts/loader/register.cjs", "./early.ts"];
    const args = [...before.flatMap((file) => ["--require", file]), "./stand-in.cjs"];
    project.run({}, args);
    const first = statSync(project.kept()).ino;
    project.run({}, args);
    assert.equal(statSync(project.kept()).ino, first);
  });
});
