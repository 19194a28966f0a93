import assert from "node:assert/strict";
import * as fs from "node:fs";
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
