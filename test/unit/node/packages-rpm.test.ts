import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as fc from "fast-check";
import { generate } from "../../support/cases";
import { Sandbox, type Ran } from "../../support/sandbox";

const KERNEL = "6.12.0-55.9.1.el10_0.x86_64";
const EXTRA = `kernel-modules-extra-${KERNEL}`;

const OTHER = "kernel-modules-extra-6.12.0-1.el10.x86_64";
const LIBRARIES = path.join(__dirname, "../../../components/remote/files");

/** Packages of our own, empty, as RHEL names them; what they provide beside their names. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "vim-enhanced": ["vim = 9.1", "vim(x86-64)"],
  "vim-minimal": ["vi"],
  gawk: ["awk", "/bin/awk"],
  "nfs-utils": ["nfs-utils-lib"],
};

/** What each name that may be wanted is satisfied by. */
const WANTED: Readonly<Record<string, readonly string[]>> = {
  vim: ["vim-enhanced"],
  "vim-enhanced": ["vim-enhanced"],
  vi: ["vim-minimal"],
  awk: ["gawk"],
  gawk: ["gawk"],
  "nfs-utils": ["nfs-utils"],
  "kernel-modules-extra": [EXTRA],
};

/** What a name becomes before it is asked for. */
const EXACT: Readonly<Record<string, string>> = { "kernel-modules-extra": EXTRA };

const SPEC = [
  "Name: rig\nVersion: 1\nRelease: 1\nSummary: x\nLicense: x\n%description\nx",
  ...Object.entries(PACKAGES).map(([name, provides]) =>
    [
      `%package -n ${name}\nSummary: x`,
      ...provides.map((each) => `Provides: ${each}`),
      `%description -n ${name}\nx\n%files -n ${name}`,
    ].join("\n"),
  ),
].join("\n");

/** That of one kernel: its version and release are the kernel's. */
const extraSpec = (version: string, release: string): string =>
  `Name: kernel-modules-extra\nVersion: ${version}\nRelease: ${release}\nSummary: x\nLicense: x\n%description\nx\n%files\n`;

describe("packages on RHEL, asked of a real rpm", function () {
  this.timeout(120_000);
  let box: Sandbox;

  before(function () {
    if (spawnSync("rpmbuild", ["--version"]).status !== 0) {
      console.log("    skipped: no rpm with rpmbuild on the PATH");
      this.skip();
    }
    box = new Sandbox();
    fs.mkdirSync(box.at("bin"));
    const specs = {
      packages: SPEC,
      ours: extraSpec("6.12.0", "55.9.1.el10_0"),
      other: extraSpec("6.12.0", "1.el10"),
    };
    for (const [name, text] of Object.entries(specs)) box.write(`${name}.spec`, text);
    const define = ["--define", `_topdir ${box.root}`, "--define", "_binary_payload w0.gzdio"];
    const files = Object.keys(specs).map((name) => box.at(`${name}.spec`));
    execFileSync("rpmbuild", ["-bb", "--quiet", "--target", "x86_64", ...define, ...files], {
      stdio: "ignore",
    });
    const rpm = execFileSync("sh", ["-c", "command -v rpm"], { encoding: "utf8" }).trim();
    const tools = {
      rpm: `exec ${rpm} --dbpath "$DB" "$@"`,
      uname: `echo ${KERNEL}`,
      dnf: `echo "$*" >>"$DB.log"
        case "$*" in
          "-q repoquery "*) echo "$3" ;;
          "-y --setopt=install_weak_deps=False install "*) shift 3
            for name in "$@"; do
              for file in "$RPMS"/*.rpm; do
                if ${rpm} -qp --provides "$file" | sed 's/ .*//' | grep -qxF -- "$name" ||
                  [ "\${file##*/}" = "$name.rpm" ]; then ${rpm} --dbpath "$DB" -i --justdb --nodeps "$file"; break; fi
              done
            done ;;
        esac`,
      systemctl: `case "$*" in *ActiveState*) echo inactive ;; *MainPID*) echo 0 ;; *) exit 5 ;; esac`,
      "systemd-run": `for last in "$@"; do :; done; /bin/sh "$last" || exit 0`,
    };
    for (const [name, text] of Object.entries(tools))
      fs.writeFileSync(box.at(`bin/${name}`), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  });
  after(() => {
    box.remove();
  });

  const file = (name: string): string =>
    name.startsWith("kernel-") ? `RPMS/x86_64/${name}.rpm` : `RPMS/x86_64/${name}-1-1.x86_64.rpm`;

  const install = (db: string, names: readonly string[]): void => {
    const rpm = (...words: string[]): void => {
      execFileSync("rpm", ["--dbpath", box.at(db), ...words], { stdio: "ignore" });
    };
    rpm("--initdb");
    const files = names.map((name) => box.at(file(name)));
    if (files.length > 0) rpm("-i", "--justdb", "--nodeps", ...files);
  };

  const run = (db: string, verb: string, packages: readonly string[]): Ran =>
    box.run(
      {
        name: `packages-${db}`,
        script: `uses_apt() { false; }
step() { export DB="$DB" RPMS="$RPMS"; PATH="$BIN:$PATH"; ensure_packages "$PACKAGES"; }`,
        libraries: ["files", "units", "long", "packages"],
        settings: {
          ...{ DB: box.at(db), BIN: box.at("bin"), RPMS: box.at("RPMS/x86_64") },
          PACKAGES: [...packages],
        },
      },
      verb,
    );

  const installed = fc.subarray([...Object.keys(PACKAGES), EXTRA, OTHER]);
  const wanted = fc.subarray(Object.keys(WANTED), { minLength: 1 });
  const missingOf = (there: readonly string[], names: readonly string[]): string[] =>
    names.filter((name) => !(WANTED[name] ?? []).some((by) => there.includes(by)));

  it("are there exactly where rpm's database says so, by name, by what is provided, for this kernel", () => {
    const { cases, seed } = generate(fc.tuple(installed, wanted), 20);
    const databases = new Map<string, string>();
    const lines = cases.map(([there, names]) => {
      const db = databases.get(there.join()) ?? `asked-${databases.size}`;
      if (!databases.has(there.join())) install(db, there);
      databases.set(there.join(), db);
      return `${box.at(db)} ${names.join(" ")}\n`;
    });
    const library = fs.readFileSync(path.join(LIBRARIES, "packages.sh"), "utf8");
    const script = `PATH='${box.at("bin")}':"$PATH" VERB=check
      ${library}
      uses_apt() { false; }
      applying() { false; }
      drift() { printf '%s ' "$2"; }
      while read -r DB names; do
        export DB
        ensure_packages "$(printf '%s\n' $names)"
        echo
      done`;
    const ran = spawnSync("sh", ["-euc", script], { input: lines.join(""), encoding: "utf8" });
    const said = ran.stdout.split("\n");
    for (const [i, [there, names]] of cases.entries()) {
      const exact = missingOf(there, names).map((name) => EXACT[name] ?? name);
      const hint = `seed ${seed}: ${JSON.stringify([there, names])} ${ran.stderr}`;
      assert.deepEqual(said[i]?.split(" ").slice(0, -1), exact, hint);
    }
  });

  it("are installed once and removed by the names that they have in its database", () => {
    const { cases, seed } = generate(fc.tuple(installed, wanted), 2);
    for (const [i, [there, names]] of cases.entries()) {
      install(`db-${i}`, there);
      const missing = missingOf(there, names);
      const hint = `seed ${seed}: ${JSON.stringify([there, names])}`;
      const ran = run(`db-${i}`, "apply", names);
      assert.equal(ran.code, 0, `${hint} ${ran.stderr}`);
      assert.equal(run(`db-${i}`, "check", names).stdout, "", hint);
      fs.rmSync(box.at(`db-${i}.log`), { force: true });
      const again = run(`db-${i}`, "apply", names);
      assert.deepEqual([again.stderr, box.exists(`db-${i}.log`)], ["", false], hint);
      assert.equal(run(`db-${i}`, "remove", names).code, 0, hint);
      const marked = box.exists(`db-${i}.log`) ? box.read(`db-${i}.log`) : "";
      for (const name of missing)
        for (const by of WANTED[name] ?? [])
          assert.ok(marked.includes(` mark remove ${by}\n`), `${hint} ${marked}`);
    }
  });
});
