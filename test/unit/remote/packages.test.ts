import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Step } from "../../../components/remote/step";
import { Sandbox } from "../../support/sandbox";

/** What each database says when it is asked for python3, git and rsync, of which only the first is there. */
const DATABASES = {
  apt: {
    program: "dpkg-query",
    script: `#!/bin/sh
[ "$*" = "-W -f \\\${Package} \\\${db:Status-Status}\\n python3 git rsync" ] || exit 2
printf 'python3 installed\\nrsync config-files\\n'
echo 'dpkg-query: no packages found matching git' >&2
exit 1
`,
  },
  dnf: {
    program: "rpm",
    script: `#!/bin/sh
[ "$*" = "-q --qf %{NAME}\\n python3 git rsync" ] || exit 2
printf 'python3\\npackage git is not installed\\npackage rsync is not installed\\n'
exit 2
`,
  },
} as const;

for (const shell of ["sh", "bash"]) {
  for (const [manager, { program, script }] of Object.entries(DATABASES)) {
    describe(`packages by ${manager}, under ${shell}`, () => {
      let box: Sandbox;
      beforeEach(() => {
        box = new Sandbox(shell);
        fs.mkdirSync(box.at("bin"));
      });
      afterEach(() => {
        box.remove();
      });

      const check = (answers: string): string => {
        fs.writeFileSync(box.at(`bin/${program}`), answers, { mode: 0o755 });
        const step: Step = {
          name: "test",
          script: `uses_apt() { [ ${manager} = apt ]; }
step() { PATH="$BIN:$PATH"; ensure_packages "$PACKAGES"; }`,
          libraries: ["files", "units", "long", "packages"],
          settings: { BIN: box.at("bin"), PACKAGES: ["python3", "git", "rsync"] },
        };
        return box.run(step, "check").stdout;
      };

      it("are missed where they are not known, and where only their configuration is left", () => {
        assert.equal(
          check(script),
          "drift\tpackage\tgit\tnot installed\ndrift\tpackage\trsync\tnot installed\n",
        );
      });

      it("are not mistaken for others whose names begin alike", () => {
        const others = script.replaceAll("python3 installed", "python3-apt installed");
        const found = check(others.replaceAll("'python3\\n", "'python3-libs\\n"));
        assert.match(found, /^drift\tpackage\tpython3\tnot installed\n/);
      });
    });
  }
}

describe("a virtual package of Debian's", () => {
  it("is there where dpkg knows a package that provides it", function () {
    const asked = spawnSync("dpkg-query", ["-W", "-f", "${db:Status-Status}\\t${Provides}\\n"], {
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
    if (asked.status !== 0) {
      console.log("    skipped: no dpkg on this machine");
      this.skip();
    }
    const provided = asked.stdout
      .split("\n")
      .flatMap((line) => /^installed\t(.*)/.exec(line)?.[1]?.split(",") ?? [])
      .flatMap((each) => /^\s*([a-z0-9][a-z0-9+.-]+)/.exec(each)?.[1] ?? []);
    const [some = "awk"] = provided;
    const library = path.join(__dirname, "../../../components/remote/files/packages.sh");
    const script = `. '${library}'; uses_apt() { true; }; for name in "$@"; do package_installed "$name" && echo "$name"; done; :`;
    const names = [some, "awk", "no-such-package-anywhere"];
    const found = spawnSync("sh", ["-euc", script, "sh", ...names], { encoding: "utf8" });
    assert.equal(found.stdout, `${some}\nawk\n`, found.stderr);
  });
});
