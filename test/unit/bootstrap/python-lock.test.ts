import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { kubespray } from "../../../components/versions";

const FILES = path.join(__dirname, "../../../components/bootstrap/kubespray/files");
const LOCK = path.join(FILES, `requirements-${kubespray.tag}.lock`);

/** Each requirement with its digests: pip's own format, one after another. */
function parseLock(text: string): Map<string, string[]> {
  const joined = text.replace(/^#.*\n/gm, "").replace(/ \\\n */g, " ");
  return new Map(
    joined.split("\n").flatMap((line) => {
      const [name, ...hashes] = line.split(" ");
      return name === undefined || name === "" ? [] : [[name, hashes]];
    }),
  );
}

/** Runs the installer on a checkout of its own, with stand-ins for git and Python; yields what pip was asked. */
class Controller {
  readonly home = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-controller-"));

  readonly lock = path.join(this.home, "tag.lock");

  constructor(requirements: string, lock?: string) {
    const checkout = path.join(this.home, "checkout");
    fs.mkdirSync(path.join(checkout, ".git"), { recursive: true });
    fs.writeFileSync(path.join(checkout, "requirements.txt"), requirements);
    if (lock !== undefined) fs.writeFileSync(path.join(checkout, "requirements.lock"), lock);
    fs.writeFileSync(path.join(this.home, "key.pub"), "a key");
    fs.writeFileSync(this.lock, "ansible==1 --hash=sha256:0\n");
    const pip = `#!/bin/sh\\necho "$@" >>"${this.home}/asked"\\n`;
    this.program("git", 'case "$*" in *rev-parse*) echo c0ffee;; esac');
    this.program(
      "python3",
      `mkdir -p "$3/bin"; printf '${pip}' >"$3/bin/pip"; chmod +x "$3/bin/pip"`,
    );
  }

  private program(name: string, text: string): void {
    const folder = path.join(this.home, "bin");
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  install(requirements: string, index = "default"): { code: number | null; stderr: string } {
    const digest = createHash("sha256").update(requirements).digest("hex");
    const { status, stderr } = spawnSync(
      "sh",
      [
        ...[path.join(FILES, "install-controller.sh"), this.home, "https://git.lan/k.git"],
        ...["v9", "c0ffee", index, this.lock, digest],
      ],
      {
        encoding: "utf8",
        env: { PATH: `${this.home}/bin:/usr/bin:/bin` },
      },
    );
    return { code: status, stderr };
  }

  get asked(): string[] {
    const file = path.join(this.home, "asked");
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];
  }
}

describe("the Python packages of Kubespray's controller", () => {
  const made: Controller[] = [];
  const prepare = (requirements: string, lock?: string): Controller => {
    const controller = new Controller(requirements, lock);
    made.push(controller);
    return controller;
  };
  after(() => {
    for (const { home } of made) fs.rmSync(home, { recursive: true });
  });

  it("are pinned by version and digest, those that others need included", () => {
    const locked = parseLock(fs.readFileSync(LOCK, "utf8"));
    assert.ok(locked.size > 8);
    for (const [name, hashes] of locked) {
      assert.match(name, /^[a-z0-9-]+==[0-9][0-9.]*$/);
      assert.ok(hashes.length > 0, name);
      for (const hash of hashes) assert.match(hash, /^--hash=sha256:[0-9a-f]{64}$/);
    }
    const names = [...locked.keys()].map((name) => name.split("==")[0]);
    assert.equal(new Set(names).size, names.length);
    for (const wanted of ["ansible", "ansible-core", "cryptography", "cffi", "jmespath", "netaddr"])
      assert.ok(names.includes(wanted), wanted);
  });

  it("are installed by the lock alone, as wheels, from whatever index", () => {
    const controller = prepare("ansible==1\n");
    assert.deepEqual(controller.install("ansible==1\n", "https://pypi.lan/simple").code, 0);
    assert.deepEqual(controller.asked, [
      "install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary=:all: " +
        `-r ${controller.lock} --index-url https://pypi.lan/simple`,
    ]);
  });

  it("are those of a commit's own lock where it asks for others, which is refused without one", () => {
    const refused = prepare("ansible==2\n").install("ansible==1\n");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /asks for other Python packages than v9 does/);
    assert.match(
      refused.stderr,
      /commit a requirements\.lock beside its requirements\.txt: pip-comp/,
    );
    const controller = prepare("ansible==2\n", "ansible==2 --hash=sha256:0\n");
    assert.equal(controller.install("ansible==1\n").code, 0);
    assert.match(
      controller.asked.join(),
      /--require-hashes .*-r \S+\/checkout\/requirements\.lock$/,
    );
  });
});
