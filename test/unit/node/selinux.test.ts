import assert from "node:assert/strict";
import * as fs from "node:fs";
import { readScript, type Step } from "../../../components/remote/step";
import { Sandbox, type Ran } from "../../support/sandbox";

/** As RHEL installs it, its comments shortened. */
const CONFIG = `# This file controls the state of SELinux on the system.
# SELINUX= can take one of these three values:
#     enforcing - SELinux security policy is enforced.
#     permissive - SELinux prints warnings instead of enforcing.
#     disabled - No SELinux policy is loaded.
SELINUX=enforcing
SELINUXTYPE=targeted
`;

/** getenforce(8) and setenforce(8), over a file in the kernel's place. */
const SELINUX = `
getenforce() { cat "$MODE"; }
setenforce() { [ "$1" = 0 ] && echo Permissive >"$MODE"; }
step() { ensure_selinux_permissive; }`;

describe("SELinux on RHEL", () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
    fs.mkdirSync(box.at("etc/selinux"), { recursive: true });
    fs.writeFileSync(box.at("etc/selinux/config"), CONFIG);
    fs.writeFileSync(box.at("mode"), "Enforcing\n");
  });
  afterEach(() => {
    box.remove();
  });

  const run = (verb: string): Ran => {
    const kernel = readScript(__dirname, "../../../components/node/files/kernel.sh");
    const step: Step = {
      name: "kernel",
      script: kernel.replaceAll("/etc/selinux", box.at("etc/selinux")) + SELINUX,
      libraries: ["files"],
      settings: { MODE: box.at("mode") },
    };
    return box.run(step, verb);
  };

  it("is seen to enforce, now and at the next boot", () => {
    const { code, stdout } = run("check");
    assert.equal(code, 3);
    assert.equal(
      stdout.replaceAll(box.root, ""),
      "drift\tselinux\tmode\tis enforcing\ndrift\tselinux\t/etc/selinux/config\tis enforcing\n",
    );
  });

  it("becomes permissive, not disabled, and only its one line changes", () => {
    assert.equal(run("apply").code, 0);
    assert.equal(box.read("mode"), "Permissive\n");
    const expected = CONFIG.replace("\nSELINUX=enforcing", "\nSELINUX=permissive");
    assert.equal(box.read("etc/selinux/config"), expected);
    assert.deepEqual([run("check").stdout, run("apply").stderr], ["", ""]);
  });

  it("is left as its owner has set it where that is permissive or disabled", () => {
    const own = CONFIG.replace("\nSELINUX=enforcing", "\nSELINUX=disabled");
    fs.writeFileSync(box.at("etc/selinux/config"), own);
    fs.writeFileSync(box.at("mode"), "Disabled\n");
    assert.deepEqual([run("check").stdout, run("apply").code], ["", 0]);
    assert.deepEqual([box.read("etc/selinux/config"), box.read("mode")], [own, "Disabled\n"]);
  });

  it("comes back as it was when the step is taken away", () => {
    run("apply");
    assert.equal(run("remove").code, 0);
    assert.equal(box.read("etc/selinux/config"), CONFIG);
  });
});
