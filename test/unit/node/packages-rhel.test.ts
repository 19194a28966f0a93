import assert from "node:assert/strict";
import * as fs from "node:fs";
import { Sandbox, type Ran } from "../../support/sandbox";

const KERNEL = "6.12.0-55.9.1.el10_0.x86_64";
const EXTRA = `kernel-modules-extra-${KERNEL}`;

/**
 * RHEL 10's programs as far as the step asks them, over two lists: what is installed and what repositories have.
 * `mark` takes what dnf 4 takes, and refuses other words as its argument parser does.
 */
const PROGRAMS = {
  uname: `[ "$*" = -r ] && echo ${KERNEL}`,
  rpm: `shift
case $1 in
  --quiet) grep -qxF "$2" "$DB/installed" ;;
  --qf)
    if [ "$3" = --whatprovides ]; then
      for name in $(sed -n "s/^$4 //p" "$DB/provides"); do grep -qxF "$name" "$DB/installed" && echo "$name" && exit 0; done
      echo "no package provides $4"
      exit 1
    fi
    shift 2; code=0
    for name in "$@"; do
      if grep -qxF "$name" "$DB/installed"; then echo "\${name%-6.12*}"
      else echo "package $name is not installed"; code=$((code + 1)); fi
    done
    exit "$code" ;;
  *) exit 2 ;;
esac`,
  dnf: `echo "$*" >>"$DB/log"
case "$*" in
  "-q repoquery "*) grep -xF "$3" "$DB/available" || : ;;
  "-y --setopt=install_weak_deps=False install "*) shift 3
    for name in "$@"; do
      provider=$(sed -n "s/^$name //p" "$DB/provides")
      name=\${provider:-$name}
      grep -qxF "$name" "$DB/available" || { echo "No match for argument: $name"; exit 1; }
      echo "$name" >>"$DB/installed"
    done ;;
  "-y mark install "* | "-y mark remove "* | "-y mark group "*) echo "$4 unmarked as user installed." ;;
  *) echo "dnf mark: error: argument mark: invalid choice: '$3' (choose from 'install', 'remove', 'group')" >&2
    exit 2 ;;
esac`,
  systemctl: `case "$*" in *ActiveState*) echo inactive ;; *MainPID*) echo 0 ;; *) exit 5 ;; esac`,
  "systemd-run": `for last in "$@"; do :; done; /bin/sh "$last" || exit 0`,
};

for (const shell of ["sh", "bash"]) {
  describe(`packages on RHEL 10, under ${shell}`, () => {
    let box: Sandbox;
    const lines = (file: string): string[] =>
      box.exists(`db/${file}`) ? box.read(`db/${file}`).split("\n").slice(0, -1) : [];
    const list = (file: string, names: readonly string[]): void => {
      fs.writeFileSync(box.at(`db/${file}`), names.map((name) => `${name}\n`).join(""));
    };
    const run = (verb: string, packages: readonly string[]): Ran =>
      box.run(
        {
          name: "packages",
          script: `uses_apt() { false; }
step() { export DB="$DB"; PATH="$BIN:$PATH"; ensure_packages "$PACKAGES"; }`,
          libraries: ["files", "units", "long", "packages"],
          settings: { DB: box.at("db"), BIN: box.at("bin"), PACKAGES: [...packages] },
        },
        verb,
      );

    beforeEach(() => {
      box = new Sandbox(shell);
      for (const folder of ["bin", "db"]) fs.mkdirSync(box.at(folder));
      for (const [program, script] of Object.entries(PROGRAMS)) {
        fs.writeFileSync(box.at(`bin/${program}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      }
      list("installed", ["nfs-utils"]);
      list("available", ["nftables", EXTRA, "vim-enhanced"]);
      list("provides", ["vim vim-enhanced"]);
    });
    afterEach(() => {
      box.remove();
    });

    it("takes a package by what it provides: installs it once, finds it, and releases it by its own name", () => {
      assert.match(run("check", ["vim"]).stdout, /^drift\tpackage\tvim\tnot installed$/m);
      const ran = run("apply", ["vim"]);
      assert.equal(ran.code, 0, ran.stderr);
      assert.deepEqual(lines("installed"), ["nfs-utils", "vim-enhanced"]);
      assert.deepEqual([run("apply", ["vim"]).stderr, run("check", ["vim"]).stdout], ["", ""]);
      assert.equal(lines("log").length, 1);
      assert.equal(run("remove", ["vim"]).code, 0);
      assert.equal(lines("log").at(-1), "-y mark remove vim-enhanced");
    });

    it("installs what is missing, the extra modules for the kernel that runs", () => {
      const ran = run("apply", ["kernel-modules-extra", "nfs-utils", "nftables"]);
      assert.equal(ran.code, 0, ran.stderr);
      assert.deepEqual(lines("installed"), ["nfs-utils", EXTRA, "nftables"]);
      assert.deepEqual(lines("log"), [
        `-q repoquery ${EXTRA}`,
        `-y --setopt=install_weak_deps=False install ${EXTRA} nftables`,
      ]);
    });

    it("asks dnf for nothing the second time, and finds no drift", () => {
      const wanted = ["kernel-modules-extra", "nftables"];
      run("apply", wanted);
      list("log", []);
      assert.deepEqual([run("apply", wanted).code, run("check", wanted).code], [0, 0]);
      assert.deepEqual(lines("log"), []);
    });

    it("misses the extra modules where only another kernel's are there", () => {
      list("installed", ["kernel-modules-extra", "kernel-modules-extra-6.12.0-1.el10.x86_64"]);
      const ran = run("check", ["kernel-modules-extra"]);
      assert.equal(ran.code, 3);
      assert.equal(ran.stdout, `drift\tpackage\t${EXTRA}\tnot installed\n`);
    });

    it("says to reboot where no repository has the running kernel's modules, and installs nothing", () => {
      list("available", ["nftables", "kernel-modules-extra-6.12.0-99.el10.x86_64"]);
      const ran = run("apply", ["kernel-modules-extra", "nftables"]);
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, new RegExp(`no repository has ${EXTRA}, .*reboot into it`));
      assert.deepEqual(lines("installed"), ["nfs-utils"]);
    });

    it("stops with dnf's own words where a package is not known", () => {
      const ran = run("apply", ["nftabels"]);
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /No match for argument: nftabels\n.*packages ended with code 1/s);
    });

    for (const [how, verb, packages] of [
      ["is no longer wanted", "apply", ["nfs-utils"]],
      ["goes with the step", "remove", ["nftables", "nfs-utils"]],
    ] as const) {
      it(`hands a package that ${how} to autoremove by dnf 4's word for it`, () => {
        run("apply", ["nftables", "nfs-utils"]);
        list("log", []);
        const ran = run(verb, packages);
        assert.equal(ran.code, 0, ran.stderr);
        assert.deepEqual(lines("log"), ["-y mark remove nftables"]);
        assert.deepEqual(lines("installed"), ["nfs-utils", "nftables"]);
      });
    }
  });
}
