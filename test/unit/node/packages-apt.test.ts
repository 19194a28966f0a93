import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { Sandbox } from "../../support/sandbox";

/** Another package manager: locks as dpkg and apt do, by fcntl, until its input ends. */
const HOLDER = `
import fcntl, sys
with open(sys.argv[1], "a") as lock:
    fcntl.lockf(lock, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
`;

const PROGRAMS = {
  dpkg: `echo "dpkg $*" >>"$DB/log"
if [ "$1" = --audit ]; then echo "half-configured: git"; exit 0; fi
[ ! -e "$DB/lacks" ]`,
  "apt-get": `while [ "$1" != install ] && [ "$1" != update ]; do shift; done
echo "apt-get $1" >>"$DB/log"
if [ "$1" = install ] && [ -e "$DB/unknown" ]; then
  i=0; while [ "$i" -lt 40 ]; do echo "Get:$i main amd64 Packages"; i=$((i+1)); done
  echo "E: Unable to locate package gti"; exit 100
fi
[ "$1" = update ] || grep -q "apt-get update" "$DB/log"`,
};

const INSTALLING = [
  "dpkg --audit",
  "dpkg --force-confdef --force-confold --configure -a",
  "apt-get install",
];

describe("what installs packages by apt", () => {
  let box: Sandbox;
  let holder: ChildProcess | undefined;

  beforeEach(() => {
    box = new Sandbox();
    for (const folder of ["bin", "dpkg", "apt/lists", "run"]) {
      fs.mkdirSync(box.at(folder), { recursive: true });
    }
    for (const file of ["dpkg/lock-frontend", "apt/lists/lock", "log", "progress"]) {
      fs.writeFileSync(box.at(file), "");
    }
    for (const [program, script] of Object.entries(PROGRAMS)) {
      fs.writeFileSync(box.at(`bin/${program}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
  });
  afterEach(() => {
    holder?.kill();
    holder = undefined;
    box.remove();
  });

  const log = (): string[] => box.read("log").split("\n").slice(0, -1);

  async function hold(file: string): Promise<ChildProcess> {
    const child = spawn("python3", ["-c", HOLDER, box.at(file)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    holder = child;
    await once(child.stdout, "data");
    return child;
  }

  /** The script that the transient unit runs, its paths moved below the sandbox. */
  function install(): Promise<unknown[]> {
    const { stdout } = box.run(
      {
        name: "test",
        script: "step() { tell_errors_script; apt_script; }",
        libraries: ["long", "packages"],
      },
      "check",
    );
    const script = stdout.replaceAll("/var/lib/", `${box.root}/`);
    const output = fs.openSync(box.at("run/log"), "w");
    const child = spawn("/bin/sh", ["-euc", script, "sh", "git"], {
      cwd: box.at("run"),
      stdio: ["ignore", output, output],
      env: {
        PATH: `${box.at("bin")}:/usr/bin:/bin`,
        DB: box.root,
        VMSTATION_PROGRESS: box.at("progress"),
        VMSTATION_FAILURE: box.at("failure"),
      },
    });
    return once(child, "close");
  }

  /** Resolves once the operator is told who is waited for. */
  async function waits(file: string): Promise<void> {
    const changes = fs.promises.watch(box.at("progress"), { signal: AbortSignal.timeout(20_000) });
    const told = (): boolean => box.read("progress").includes(`which holds ${box.at(file)}\n`);
    for await (const change of changes) if (change.eventType === "change" && told()) return;
  }

  it("mends what was cut, keeping the owner's files, and fetches lists where they are old", async () => {
    assert.deepEqual(await install(), [0, null]);
    assert.deepEqual(log(), [...INSTALLING, "apt-get update", "apt-get install"]);
    assert.equal(box.read("progress"), "");
  });

  it("lets apt complete a package whose unpacking was interrupted", async () => {
    fs.writeFileSync(box.at("lacks"), "");
    assert.deepEqual(await install(), [0, null]);
    assert.deepEqual(log(), [
      ...INSTALLING,
      ...["apt-get update", "apt-get install", "apt-get install"],
    ]);
  });

  it("shows apt's errors, not the downloads before them, if a package is not available", async () => {
    fs.writeFileSync(box.at("unknown"), "");
    assert.deepEqual(await install(), [1, null]);
    assert.equal(box.read("failure"), "E: Unable to locate package gti\n");
  });

  for (const [file, before] of [
    ["dpkg/lock-frontend", []],
    ["apt/lists/lock", INSTALLING],
  ] as const) {
    it(`waits for who holds ${file}, and goes on when it is free`, async () => {
      const other = await hold(file);
      const told = waits(file);
      const ended = install();
      await told;
      assert.deepEqual(log(), before);
      other.stdin?.end();
      assert.deepEqual(await ended, [0, null]);
      assert.deepEqual(log(), [...INSTALLING, "apt-get update", "apt-get install"]);
    });
  }
});
