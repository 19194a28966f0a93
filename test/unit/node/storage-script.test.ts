import assert from "node:assert/strict";
import * as fs from "node:fs";
import path from "node:path";
import { readScript, type Step } from "../../../components/remote/step";
import { Sandbox } from "../../support/sandbox";

/** Stands in for exportfs, which exports what its files say, and for systemd, where everything is as it should be. */
const STAND_INS = `exec 3>&1
exportfs() {
  case $1 in
    -s) cat "$TABLE" ;;
    *) echo "exportfs $*" >&3; cat "\${EXPORTS_FILE%/*}"/*.exports >"$TABLE" 2>/dev/null || : >"$TABLE" ;;
  esac
}
systemctl() {
  case $1 in
    show)
      shift 5
      if [ "$1" != -p ]; then
        echo "$1"
      else
        shift 3
        for unit in "$@"; do printf 'Id=%s\\nLoadState=loaded\\nActiveState=active\\n\\n' "$unit"; done
      fi
      ;;
    is-enabled)
      shift
      [ "$1" != -- ] || shift
      for unit in "$@"; do echo enabled; done
      ;;
    is-active) echo active ;;
    *) echo "$*" >&3 ;;
  esac
}
`;

const EXPORT = "/srv/media 10.0.0.0/24(ro,sync)\n";

describe("the storage step", () => {
  let box: Sandbox;
  const put = (file: string, text: string): void => {
    fs.mkdirSync(path.dirname(box.at(file)), { recursive: true });
    fs.writeFileSync(box.at(file), text);
  };

  /** The step of a machine that mounts the sandbox's /srv/disk and exports the given lines. */
  const storage = (exports = "", mounts = true): Step => {
    const script = readScript(__dirname, "../../../components/node/files/storage.sh")
      .replaceAll(" /etc/", ` ${box.at("etc/")}`)
      .replaceAll("=/etc/", `=${box.at("etc/")}`)
      .replaceAll("/proc/", box.at("proc/"));
    const mount = ["disk.mount", "disk.automount", "sda.device.d/50-vmstation.conf"];
    return {
      name: "storage",
      script: script + STAND_INS,
      libraries: ["files", "units"],
      settings: {
        MOUNTS: mounts ? [`${box.at("srv/disk")} disk sda.device`] : [],
        EXPORTS: exports === "" ? [] : [box.at("srv")],
        NFS_SERVER_UNIT: "nfs-server.service",
        TABLE: box.at("table"),
      },
      files: [
        ...(mounts ? mount : []).map((name) => box.file(`etc/systemd/system/${name}`, "[x]\n")),
        ...(exports === ""
          ? []
          : [
              box.file("etc/exports.d/vmstation.exports", exports),
              box.file("etc/nfs.conf.d/vmstation.conf", "[nfsd]\nvers3=n\n"),
            ]),
      ],
    };
  };

  beforeEach(() => {
    box = new Sandbox();
    fs.mkdirSync(box.at("srv/disk"), { recursive: true });
    put("proc/self/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
    put("etc/fstab", `#/dev/sda ${box.at("srv/disk")} ext4 defaults 0 2\n`);
    put("table", "");
  });
  afterEach(() => {
    box.remove();
  });

  const places: readonly [string, string, () => string][] = [
    [
      "mounted",
      "proc/self/mountinfo",
      () => `2 1 8:2 / ${box.at("srv/disk")} rw - ext4 /dev/sda rw\n`,
    ],
    ["in fstab", "etc/fstab", () => `UUID=1 ${box.at("srv/disk")}/ ext4 noauto 0 2\n`],
  ];
  for (const [how, file, line] of places) {
    it(`brings no unit for a path that is ${how} by other means`, () => {
      put(file, line());
      const ran = box.run(storage(), "apply");
      assert.deepEqual([ran.code, ran.stdout], [0, ""]);
      assert.match(ran.stderr, /disk is mounted, or in .*fstab, by other means; left as it is/);
      assert.equal(box.exists("etc/systemd"), false);
      assert.equal(box.run(storage(), "check").code, 0);
    });
  }

  it("keeps its own mount once it is mounted", () => {
    box.run(storage(), "apply");
    put("proc/self/mountinfo", `2 1 8:2 / ${box.at("srv/disk")} rw - ext4 /dev/sda rw\n`);
    assert.equal(box.run(storage(), "apply").stdout, "");
    assert.equal(box.exists("etc/systemd/system/disk.mount"), true);
  });

  it("names a mount that fails and does the others, and the exports", () => {
    const step = storage(EXPORT);
    const [disk = ""] = [step.settings?.MOUNTS].flat().map(String);
    const broken = `${box.at("srv/broken")} broken sdb.device`;
    const ran = box.run(
      {
        ...step,
        settings: { ...step.settings, MOUNTS: [broken, disk] },
        script: `${step.script}
          ensure_unit() { echo "unit $1"; [ "$1" != broken.automount ] || fail "$1 does not start" "read its journal"; }`,
      },
      "apply",
    );
    assert.equal(ran.code, 1);
    assert.match(
      ran.stderr,
      /storage: broken\.automount does not start\n {2}to do: read its journal/,
    );
    assert.match(ran.stdout, /^unit disk\.automount$/m);
    assert.match(ran.stdout, /^exportfs -ra$/m);
  });

  it("takes an automount away before its folder, which is busy until then", () => {
    const step = { ...storage(), script: `${storage().script}\nstop_mount_of() { :; }` };
    fs.rmdirSync(box.at("srv/disk"));
    box.run(step, "apply");
    const ran = box.run(step, "remove");
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(ran.stderr.match(/removing (unit|dir) .*disk.*/g)?.slice(0, 2), [
      "removing unit disk.automount",
      `removing dir ${box.at("srv/disk")}`,
    ]);
  });

  it("restarts the server for its versions, and exports again what the kernel does not export", () => {
    const step = storage(EXPORT, false);
    const first = box.run(step, "apply").stdout;
    assert.match(first, /^restart nfs-server\.service$/m);
    assert.match(first, /^exportfs -ra$/m);
    assert.equal(box.run(step, "apply").stdout, "");
    put("table", "/srv/media 10.0.0.0/24(sync,wdelay,rw,secure)\n/srv/theirs *(ro)\n");
    const seen = box.run(step, "check");
    assert.equal(seen.code, 3);
    assert.match(
      seen.stdout,
      /^\t-\/srv\/media 10\.0\.0\.0\/24 ro\n\t\+\/srv\/media 10\.0\.0\.0\/24 rw$/m,
    );
    assert.doesNotMatch(seen.stdout, /theirs/);
    assert.equal(box.run(step, "apply").stdout, "exportfs -ra\n");
    assert.equal(box.run(step, "check").stdout, "");
    put("proc/fs/nfsd/versions", "+3 +4 +4.1 +4.2\n");
    assert.match(box.run(step, "check").stdout, /serves version 3 too/);
  });

  for (const verb of ["apply", "remove"]) {
    it(`exports nothing any more once no export is left (${verb}), also after a cut`, () => {
      box.run(storage(EXPORT, false), "apply");
      const gone = storage("", false);
      const cut = { ...gone, script: `${gone.script}\nunexport() { exit 9; }` };
      assert.equal(box.run(cut, verb).code, 9);
      assert.equal(box.read("table"), EXPORT);
      const ran = box.run(gone, verb);
      assert.ok(ran.stdout.startsWith("daemon-reload\nexportfs -ra\n"), ran.stdout);
      assert.equal(box.read("table"), "");
      assert.match(ran.stdout, /^restart nfs-server\.service$/m);
      assert.equal(box.exists("etc/nfs.conf.d/vmstation.conf"), false);
    });
  }
});
