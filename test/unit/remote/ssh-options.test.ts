import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import { runByWayOf, type Relay } from "../../../components/remote/relay";
import { renderSshArgs } from "../../../components/remote/ssh-options";
import { SshServer } from "../../scripts/drift/ssh-server";

const LOGIN = { machine: "box", host: "192.0.2.1", port: 22, user: "ops", connectTimeout: 5 };
const CASES = Number(process.env.VMSTATION_CASES ?? 40);

/** What OpenSSH's parser gives a meaning, and what it does not. */
const piece = fc.constantFrom(
  ...[" ", "  ", "\t", '"', "'", "\\", "\\\\", '\\"', "\\'", "%", "%h", "%%", "%d", "#", "~", "~/"],
  ...[
    "$",
    "$HOME",
    "{",
    "}",
    "=",
    ",",
    ";",
    "|",
    "&",
    "*",
    "?",
    "!",
    "-",
    ".",
    "ä",
    "ß",
    "日本",
    "a",
  ],
);
const folder = fc
  .array(piece, { minLength: 1, maxLength: 6 })
  .map((pieces) => `/tmp/x${pieces.join("")}/known_hosts`)
  .filter((text) => !text.includes("${"));

const readsPath = (args: readonly string[]): Map<string, string> => {
  const { stdout, stderr } = spawnSync("ssh", ["-G", "-F", "none", ...args], { encoding: "utf8" });
  assert.equal(stderr, "");
  const lines = stdout.split("\n").map((line) => /^(\S+) (.*)$/.exec(line));
  return new Map(lines.flatMap((match) => (match ? [[match[1] ?? "", match[2] ?? ""]] : [])));
};

describe("ssh's options", function () {
  this.timeout(60_000 + 50 * CASES);
  before(function () {
    if (spawnSync("ssh", ["-V"]).status === 0) return;
    console.log("    skipped: no ssh on the PATH");
    this.skip();
  });

  it("name each path so that OpenSSH itself reads the same one", () => {
    fc.assert(
      fc.property(folder, (file) => {
        const read = readsPath(renderSshArgs({ ...LOGIN, knownHosts: file, identity: file }, []));
        assert.equal(read.get("userknownhostsfile"), file);
        // ssh expands the per cent signs of this one only when it reads the file.
        assert.equal(read.get("identityfile")?.replaceAll("%%", "%"), file);
        assert.equal(read.get("stricthostkeychecking"), "true");
      }),
      { numRuns: CASES },
    );
  });

  it("refuse the one thing in a path that OpenSSH cannot be kept from reading otherwise", () => {
    assert.throws(
      () => renderSshArgs({ ...LOGIN, knownHosts: "/tmp/${HOME}/known" }, []),
      /use a folder without \$\{ in its name/,
    );
  });

  it("lead a relay to its machine from a folder with blanks, quotes and umlauts", async () => {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-relay-"));
    const server = new SshServer(root);
    const { TMPDIR } = process.env;
    try {
      await server.listen();
      process.env.TMPDIR = path.join(root, `it's "Büro" 100%h \\ #1 ~`);
      fs.mkdirSync(process.env.TMPDIR);
      const machine: Relay["machine"] = {
        ...{ name: "box", address: "127.0.0.1", sshPort: server.port, sshUser: "ops" },
        ...{ hostKey: server.hostKey, sleeps: false, offline: false },
      };
      const privateKey = pulumi.secret(server.clientKey);
      await runByWayOf({ machine, privateKey }, ["cat", ">", `'${root}/said'`], "hello\n");
      assert.equal(fs.readFileSync(path.join(root, "said"), "utf8"), "hello\n");
      assert.deepEqual(fs.readdirSync(process.env.TMPDIR), []);
    } finally {
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
      await server.close();
      fs.rmSync(root, { recursive: true });
    }
  });
});
