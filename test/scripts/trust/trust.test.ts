import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { publicHalf } from "../../../components/hypervisor/render-host-key";
import { type Ran, vmstation, vmstationWith } from "../../support/command-line";
import { renderFinding, renderPinned } from "../../../scripts/verbs/trust/render";
import { fingerprint, isHostKey, parseKeyscan } from "../../../scripts/kit/host-keys/host-key";
import { HOMELAB_FILE } from "../../support/homelab";
import { StackFile } from "../../../scripts/verbs/trust/stack-file";

const ROOT = path.join(__dirname, "../../..");
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKdYdLPMmVc3ycEHwUnzWkrO9LWVmTmG0LJZJ1M8dHyC";
const ECDSA = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTY=";

describe("a host key", () => {
  it("has the fingerprint that ssh-keygen prints", function () {
    const real = spawnSync("ssh-keygen", ["-lf", "-"], { input: `${KEY}\n`, encoding: "utf8" });
    if (real.error) {
      console.log("    skipped: no ssh-keygen on the PATH");
      this.skip();
    }
    assert.ok(real.stdout.includes(fingerprint(KEY).split(" ")[0] ?? "-"), real.stdout);
  });

  it("is the Ed25519 one of those that a machine shows, and never an RSA key", () => {
    const output = `# 10.0.0.1:22 SSH-2.0\n10.0.0.1 ssh-rsa AAAA\n10.0.0.1 ${ECDSA}\n10.0.0.1 ${KEY}\n`;
    assert.equal(parseKeyscan(output), KEY);
    assert.equal(parseKeyscan("# nothing\n10.0.0.1 ssh-rsa AAAA\n"), undefined);
    assert.ok(isHostKey(KEY) && !isHostKey("ssh-rsa AAAA") && !isHostKey(`${KEY}; rm -rf /`));
  });

  it("that differs from the pinned one is called different, with both fingerprints", () => {
    const text = renderFinding({
      name: "m",
      address: "10.0.0.1",
      port: 22,
      pinned: ECDSA,
      shown: KEY,
    });
    assert.ok(
      text.includes(fingerprint(ECDSA)) &&
        text.includes(fingerprint(KEY)) &&
        text.includes("DIFFERENT"),
    );
  });

  it("is said to be pinned by its machine's name, or not to be", () => {
    assert.equal(
      renderPinned("F.yaml", [{ name: "a" }, { name: "b" }]),
      "pinned in F.yaml: a, b\n",
    );
    assert.equal(renderPinned("F.yaml", []), "nothing was pinned\n");
  });
});

describe("vmstation trust", () => {
  let folder: string;
  const file = (): string => path.join(folder, "Pulumi.homelab.yaml");
  const trust = (...args: string[]): Promise<Ran> => vmstation("-C", folder, "trust", ...args);

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "vmstation-trust-"));
    copyFileSync(HOMELAB_FILE, file());
    writeFileSync(path.join(folder, "Pulumi.yaml"), "name: vmstation\nruntime: nodejs\n");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("pins a key in the stack's file and leaves every other line as it was", () => {
    const before = readFileSync(file(), "utf8").split("\n");
    const stack = StackFile.read(file());
    stack.pin("maple", KEY);
    stack.write();
    const after = readFileSync(file(), "utf8").split("\n");
    assert.deepEqual(
      after.filter((line) => !before.includes(line)),
      [`      hostKey: ${KEY}`],
    );
    assert.deepEqual(
      before.filter((line) => !after.includes(line)),
      [],
    );
    assert.equal(StackFile.read(file()).machines(["maple"])[0]?.pinned, KEY);
  });

  it("asks a person to compare, and without one pins nothing", async () => {
    const before = readFileSync(file(), "utf8");
    const asked = await trust("maple", "--key", KEY);
    assert.equal(asked.status, 2);
    assert.match(asked.stderr, /^Somebody has to compare .*--yes/s);
    const dry = await trust("maple", "--key", KEY, "--dry-run");
    assert.equal(dry.status, 0, dry.stderr);
    assert.ok(dry.stdout.includes(fingerprint(KEY)));
    assert.equal(readFileSync(file(), "utf8"), before);
    assert.equal((await trust("maple", "--key", KEY, "--yes")).status, 0);
    assert.ok(readFileSync(file(), "utf8").includes(`hostKey: ${KEY}`));
  });

  it("says which machine was most likely meant", async () => {
    const wrong = await trust("mapel", "--key", KEY);
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /no machine mapel\. Did you mean maple\?/);
  });
});

/** Stands for the Pulumi CLI: keeps what it gets by its standard input. */
const CLI = `#!/bin/sh
[ "$1 $2" != "config get" ] || exec cat "$KEPT"
[ "$1" != config ] || { cat >"$KEPT"; echo "$@" >"$KEPT.args"; echo '  vmstation:mapleHostKey: { secure: x }' >>"$STACK_FILE"; }
`;

describe("vmstation trust, for a machine that is made with a known key", () => {
  let folder: string;
  const file = (): string => path.join(folder, "Pulumi.mine.yaml");
  const kept = (): string => path.join(folder, "kept");
  const trust = (...args: string[]): Promise<Ran> =>
    vmstationWith(
      {
        ...{ HOME: folder, PATH: `${path.join(folder, "bin")}:${process.env.PATH ?? ""}` },
        ...{ KEPT: kept(), STACK_FILE: file(), VMSTATION_OFFLINE: "1" },
      },
      ...["-C", folder, "trust", "--stack", "mine", ...args],
    );

  before(function () {
    if (spawnSync("ssh-keygen", ["-l"]).error === undefined) return;
    console.log("    skipped: no ssh-keygen on the PATH");
    this.skip();
  });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "vmstation-trust-"));
    mkdirSync(path.join(folder, "bin"));
    writeFileSync(path.join(folder, "bin/pulumi"), CLI, { mode: 0o755 });
    writeFileSync(path.join(folder, "Pulumi.yaml"), "name: vmstation\nruntime: nodejs\n");
    writeFileSync(
      file(),
      [
        "config:",
        "  vmstation:machines:",
        // Nothing answers at this port.
        "    maple: { address: 127.0.0.1, sshPort: 9, vm: { hostKeySecret: mapleHostKey } }",
        "",
      ].join("\n"),
    );
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("makes the key: the public half in the file, the private one as a secret, and on no command line", async () => {
    const made = await trust();
    assert.equal(made.status, 0, made.stderr);
    assert.match(made.stdout, /made +SHA256:.*\n.*the next update makes the machine with it/);
    const [pinned] = StackFile.read(file()).machines(["maple"]);
    const privateKey = readFileSync(kept(), "utf8");
    assert.equal(pinned?.pinned, publicHalf(privateKey));
    assert.match(readFileSync(file(), "utf8"), /mapleHostKey: \{ secure: x \}/);
    assert.match(
      readFileSync(`${kept()}.args`, "utf8"),
      /^config set --secret vmstation:mapleHostKey --stack mine --non-interactive$/m,
    );
    assert.ok(!made.stdout.includes("PRIVATE") && !made.stderr.includes("PRIVATE"));
  });

  it("takes the key that a run has kept which was cut before it was pinned", async () => {
    const unpinned = readFileSync(file(), "utf8");
    await trust();
    const [first] = StackFile.read(file()).machines(["maple"]);
    const privateKey = readFileSync(kept(), "utf8");
    writeFileSync(file(), `${unpinned}  vmstation:mapleHostKey: { secure: x }\n`);
    const again = await trust();
    assert.equal(again.status, 0, again.stderr);
    assert.equal(readFileSync(kept(), "utf8"), privateKey);
    const [second] = StackFile.read(file()).machines(["maple"]);
    assert.equal(second?.pinned ?? "none", first?.pinned);
  });

  it("writes over no secret that is something else", async () => {
    writeFileSync(file(), "  vmstation:mapleHostKey: { secure: x }\n", { flag: "a" });
    writeFileSync(kept(), "vmstation@pve!pulumi=1");
    const before = readFileSync(file(), "utf8");
    const refused = await trust();
    assert.equal(refused.status, 2);
    assert.match(
      refused.stderr,
      /^machines\.maple\.vm\.hostKeySecret: the secret vmstation:mapleHostKey is set already.*config rm/,
    );
    assert.ok(!refused.stderr.includes("pve!pulumi"));
    assert.equal(readFileSync(kept(), "utf8"), "vmstation@pve!pulumi=1");
    assert.equal(readFileSync(file(), "utf8"), before);
  });

  it("says that it would, and makes no second one", async () => {
    const before = readFileSync(file(), "utf8");
    const dry = await trust("--dry-run");
    assert.match(dry.stdout, /without --dry-run a key is made/);
    assert.equal(readFileSync(file(), "utf8"), before);
    await trust();
    const pinned = readFileSync(file(), "utf8");
    const again = await trust();
    assert.match(again.stdout, /no answer/);
    assert.equal(readFileSync(file(), "utf8"), pinned);
  });
});

describe("docs/configuration.md", () => {
  it("is what vmstation config prints, and names every key of the homelab's file", () => {
    const printed = execFileSync(
      process.execPath,
      [path.join(ROOT, "scripts/vmstation.cjs"), "config"],
      {
        encoding: "utf8",
      },
    );
    assert.equal(readFileSync(path.join(ROOT, "docs/configuration.md"), "utf8"), printed);
    for (const key of [
      "NAME.address",
      "NAME.power.mode",
      "grafana.nodePort",
      "jellyfin.machine",
      "idleAfter",
    ]) {
      assert.ok(printed.includes(`\`${key}\``), key);
    }
  });
});
