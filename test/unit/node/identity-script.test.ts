import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as fc from "fast-check";
import { readScript, type Step } from "../../../components/remote/step";
import { generate } from "../../support/cases";
import { Sandbox, type Ran } from "../../support/sandbox";

const ZONES = "/usr/share/zoneinfo";

describe("a machine's time zone", () => {
  let box: Sandbox;
  before(function () {
    if (fs.existsSync(`${ZONES}/tzdata.zi`)) return;
    console.log(`    skipped: no ${ZONES}/tzdata.zi on this machine`);
    this.skip();
  });
  beforeEach(() => {
    box = new Sandbox();
  });
  afterEach(() => {
    box.remove();
  });

  // As systemd-timedated does it: a link to the very name that it was told.
  const TIMEDATECTL = `timedatectl() { [ -e "${ZONES}/$2" ] && ln -sfn "../usr/share/zoneinfo/$2" "$LOCALTIME"; }`;
  const run = (zone: string, verb: string): Ran => {
    const script = readScript(__dirname, "../../../components/node/files/identity.sh");
    const step: Step = {
      ...{ name: "identity", libraries: ["files"], settings: { LOCALTIME: box.at("localtime") } },
      script: `${script.replaceAll("/etc/localtime", box.at("localtime"))}\n${TIMEDATECTL}
        step() { for zone in ${zone}; do ensure_time_zone "$zone"; done; }`,
    };
    return box.run(step, verb);
  };
  const link = (zone: string): void => {
    fs.rmSync(box.at("localtime"), { force: true });
    fs.symlinkSync(`../usr/share/zoneinfo/${zone}`, box.at("localtime"));
  };

  it("is set once under a name that is a link to another, and found to be right", () => {
    link("Europe/Berlin");
    assert.match(run("US/Eastern", "apply").stderr, /time zone to US\/Eastern/);
    assert.equal(fs.readlinkSync(box.at("localtime")), "../usr/share/zoneinfo/US/Eastern");
    for (const verb of ["check", "apply"]) {
      const { code, stdout, stderr } = run("US/Eastern", verb);
      assert.deepEqual([code, stdout, stderr], [0, "", ""]);
    }
  });

  it("is right under another name of the same zone, and UTC where nothing is set", () => {
    link("America/New_York");
    assert.equal(run("US/Eastern", "check").code, 0);
    link("Etc/UTC");
    assert.equal(run("UTC", "check").code, 0);
    fs.rmSync(box.at("localtime"));
    assert.equal(run("UTC", "check").code, 0);
    assert.match(run("Asia/Tokyo", "check").stdout, /^drift\ttime-zone\tAsia\/Tokyo\tis UTC$/m);
  });

  it("is set if /etc/localtime is a plain file that names no time zone", () => {
    fs.copyFileSync(`${ZONES}/Asia/Tokyo`, box.at("localtime"));
    assert.match(run("Asia/Tokyo", "check").stdout, /is a file without a name/);
    assert.equal(run("Asia/Tokyo", "apply").code, 0);
    assert.equal(run("Asia/Tokyo", "check").code, 0);
  });

  it("is the same as another where the database says so, for any two", () => {
    const lines = fs.readFileSync(`${ZONES}/tzdata.zi`, "utf8").split("\n");
    const targets = new Map<string, string>();
    for (const line of lines) {
      const [kind, first = "", second = ""] = line.split(" ");
      if (kind === "Z") targets.set(first, first);
      if (kind === "L") targets.set(second, first);
    }
    const names = [...targets.keys()].filter((name) => fs.existsSync(`${ZONES}/${name}`));
    const resolve = (name: string): string => {
      const target = targets.get(name) ?? name;
      return target === name ? name : resolve(target);
    };
    const pairs = fc.oneof(
      fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)),
      fc.constantFrom(...names).map((name): [string, string] => [name, resolve(name)]),
    );
    const { cases, seed } = generate(pairs, 200);
    const script = readScript(__dirname, "../../../components/node/files/identity.sh");
    const asked = spawnSync(
      "sh",
      [
        "-eu",
        "-c",
        `${script}
      while read -r a b; do if same_zone "$a" "$b"; then echo same; else echo other; fi; done`,
      ],
      {
        input: cases.map((pair) => `${pair.join(" ")}\n`).join(""),
        encoding: "utf8",
      },
    );
    const expected = cases.map(([a, b]) => (resolve(a) === resolve(b) ? "same" : "other"));
    assert.deepEqual(asked.stdout.trim().split("\n"), expected, `seed ${seed}`);
  });
});

describe("a machine whose /etc/hosts cloud-init writes at each boot", () => {
  const TEMPLATE = "## template:jinja\n127.0.1.1 {{fqdn}} {{hostname}}\n127.0.0.1 localhost\n";
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
  });
  afterEach(() => {
    box.remove();
  });

  it("gets the names of its peers from cloud-init too, until the step is removed", () => {
    const script = readScript(__dirname, "../../../components/node/files/identity.sh");
    const step: Step = {
      ...{ name: "identity", libraries: ["files"], settings: { HOSTS: ["192.0.2.1 a.lan a"] } },
      script: `${script.replaceAll("/etc/cloud", box.at("cloud"))}\nstep() { ensure_hosts_templates; }`,
    };
    const file = box.at("cloud/templates/hosts.debian.tmpl");
    assert.equal(box.run(step, "apply").code, 0, "without cloud-init there is nothing to do");
    fs.mkdirSync(box.at("cloud/templates"), { recursive: true });
    fs.writeFileSync(file, TEMPLATE);
    assert.equal(box.run(step, "apply").code, 0);
    assert.match(fs.readFileSync(file, "utf8"), /localhost\n# BEGIN .*\n192\.0\.2\.1 a\.lan a\n/);
    assert.equal(box.run(step, "check").stdout, "");
    fs.writeFileSync(file, TEMPLATE);
    assert.match(box.run(step, "check").stdout, /our lines differ/);
    assert.equal(box.run(step, "apply").code, 0);
    assert.equal(box.run(step, "remove").code, 0);
    assert.equal(fs.readFileSync(file, "utf8"), TEMPLATE);
  });
});
