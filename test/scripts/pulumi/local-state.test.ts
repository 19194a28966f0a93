import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { LocalState } from "../../../scripts/kit/pulumi/local-state";
import { PrivateFolder } from "../../../scripts/kit/private-folder";

describe("the wrapper's own folder", () => {
  let root = "";
  let local: LocalState;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "vmstation-test-"));
    local = new LocalState(root);
    local.create();
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function mode(path: string): number {
    return statSync(path).mode & 0o777;
  }

  function writeState(name: string): void {
    const folder = join(root, ".vmstation/state/.pulumi/stacks/home");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), "{}");
  }

  it("belongs to its owner alone", () => {
    assert.equal(mode(local.folder), 0o700);
    assert.equal(local.backendUrl, `file://${root}/.vmstation/state`);
  });

  it("makes one long passphrase, once, for its owner's eyes only", () => {
    local.ensurePassphrase("home", "lab");
    const first = readFileSync(local.passphraseFile, "utf8");
    assert.match(first, /^[\w-]{43}$/);
    assert.equal(mode(local.passphraseFile), 0o600);
    chmodSync(local.passphraseFile, 0o644);
    local.ensurePassphrase("home", "lab");
    assert.equal(readFileSync(local.passphraseFile, "utf8"), first);
    assert.equal(mode(local.passphraseFile), 0o600);
  });

  for (const name of ["lab.json", "lab.json.gz"]) {
    it(`refuses a new passphrase where ${name} was encrypted with another`, () => {
      writeState(name);
      assert.equal(local.hasStack("home", "lab"), true);
      assert.throws(() => {
        local.ensurePassphrase("home", "lab");
      }, /passphrase is missing/);
      assert.equal(local.hasPassphrase(), false);
    });
  }

  it("keeps a salt per stack", () => {
    assert.equal(local.readSalt("lab"), undefined);
    local.writeSalt("lab", "v1:x:y");
    assert.equal(local.readSalt("lab"), "v1:x:y");
    assert.equal(local.readSalt("other"), undefined);
  });

  it("gives each run a private folder, and removes those of runs that were killed", () => {
    const ended = execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }).trim();
    const parent = join(local.folder, "tmp");
    const first = new PrivateFolder(parent);
    const named = (pid: string): string =>
      join(parent, basename(first.path).replace(String(process.pid), pid));
    first.remove();
    // Of another container, by whose process ids nothing can be told here.
    const foreign = [`${ended}-1`, `${ended}-2`].map((name) => join(parent, name));
    const running = named(String(process.ppid));
    for (const path of [named(ended), running, ...foreign]) mkdirSync(path, { recursive: true });
    const yesterday = Date.now() / 1000 - 25 * 3600;
    utimesSync(foreign[1] ?? "", yesterday, yesterday);
    const folder = new PrivateFolder(parent);
    assert.equal(mode(folder.path), 0o700);
    assert.deepEqual(
      [named(ended), running, ...foreign].map((path) => existsSync(path)),
      [false, true, true, false],
    );
    writeFileSync(join(folder.path, "kubeconfig"), "secret");
    folder.remove();
    assert.equal(existsSync(folder.path), false);
  });

  it("gives one run as many private folders as it asks for, and removes none that it uses", () => {
    const parent = join(local.folder, "tmp");
    const [first, second, third] = [1, 2, 3].map(() => new PrivateFolder(parent));
    for (const folder of [first, second, third]) assert.ok(existsSync(folder?.path ?? ""));
    second?.remove();
    assert.deepEqual(
      [first, second, third].map((folder) => existsSync(folder?.path ?? "")),
      [true, false, true],
    );
  });

  it("clears away what a killed run with the same process id has left", () => {
    const parent = join(local.folder, "tmp");
    const first = new PrivateFolder(parent);
    const before = performance.timeOrigin / 1000 - 60;
    utimesSync(first.path, before, before);
    const second = new PrivateFolder(parent);
    assert.deepEqual([existsSync(first.path), existsSync(second.path)], [false, true]);
  });
});
