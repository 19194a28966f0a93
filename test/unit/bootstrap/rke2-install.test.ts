import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { turnFiles } from "../../../components/bootstrap/turns";
import { Installer, type Result } from "./installer";

const services = ({ calls }: Result) => calls.filter((call) => call.startsWith("systemctl "));

describe("RKE2's installer", () => {
  let box: Installer;
  const archive = "rke2.linux-amd64.tar.gz";
  const digestOf = (file: string) =>
    createHash("sha256")
      .update(fs.readFileSync(box.at(file)))
      .digest("hex");

  /** A release as its origin serves it; its last line is its name. */
  const publish = (release: string): void => {
    const program = `#!/bin/sh\necho "rke2 $*" >>${box.at("calls")}\n# ${release}\n`;
    box.write(`made/bin/rke2`, program);
    fs.chmodSync(box.at("made/bin/rke2"), 0o755);
    fs.mkdirSync(box.at("origin"), { recursive: true });
    const tar = ["-C", box.at("made"), "-czf", box.at(`origin/${archive}`), "bin"];
    assert.equal(spawnSync("tar", tar).status, 0);
    const digest = digestOf(`origin/${archive}`);
    box.write("origin/sha256sum-amd64.txt", `${digest}  ${archive}\n`);
  };
  const installed = () => box.read("usr/bin/rke2")?.split("# ").at(-1);
  const install = (
    release: string,
    { intent = release, checksum = "listed", service = "rke2-server" } = {},
  ) => {
    const checksums = `amd64=${checksum}\narm64=listed`;
    const origin = `file://${box.at("origin")}`;
    return box.run(
      release,
      origin,
      checksums,
      service,
      intent,
      "maple",
      "3",
      box.at("/srv/backups/etcd"),
    );
  };
  /** The node as its API server shows it, beside one that could take its pods. */
  const node = (version: string, others = "Ready"): void => {
    const answers = `case "$*" in
  *kubeletVersion*) echo ${version} ;;
  *"get nodes"*) printf 'maple Ready\\nhazel ${others}\\n' ;;
  *annotations*) cat ${box.at("mark")} 2>/dev/null ;;
  *"annotate node maple vmstation.io/drained-"*) rm ${box.at("mark")} ;;
  *"annotate node "*) echo it >${box.at("mark")} ;;
esac`;
    const file = "/var/lib/rancher/rke2/bin/kubectl";
    box.write(file, `#!/bin/sh\necho "kubectl $*" >>${box.at("calls")}\n${answers}\n:\n`);
    fs.chmodSync(box.at(file), 0o755);
  };
  /** systemctl, whose restart makes the node's kubelet another one. */
  const upgrading = (release: string): string => {
    const kubectl = box.at("/var/lib/rancher/rke2/bin/kubectl");
    const edit = `sed -i 's/echo v1[^ ]* /echo ${release} /' ${kubectl}`;
    return `#!/bin/sh\necho "systemctl $*" >>${box.at("calls")}\n[ "$1" != restart ] || ${edit}\n`;
  };
  const state = (name: string) => box.read(`/var/lib/vmstation/bootstrap/rke2-${name}`);

  beforeEach(() => {
    box = new Installer("rke2/files/install-rke2.sh", { systemctl: "", uname: "echo x86_64" });
    for (const { path, content } of turnFiles())
      box.write(path.replace("/usr/local", "usr"), content);
    node("");
  });
  afterEach(() => {
    box.remove();
  });

  it("installs what its release's list vouches for, starts it, and next time only sees that it runs", () => {
    publish("v1.35.4+rke2r1");
    const first = install("v1.35.4+rke2r1");
    assert.equal(first.code, 0, first.stderr);
    assert.equal(installed(), "v1.35.4+rke2r1");
    const restarted = ["systemctl daemon-reload", "systemctl enable rke2-server"];
    assert.deepEqual(services(first), [...restarted, "systemctl restart rke2-server"]);
    fs.rmSync(box.at("origin"), { recursive: true });
    assert.equal(services(install("v1.35.4+rke2r1")).at(-1), "systemctl start rke2-server");
    assert.equal(
      services(install("v1.35.4+rke2r1", { intent: "other" })).at(-1),
      "systemctl restart rke2-server",
      "a changed configuration",
    );
  });

  it("says the errors and last words of a service that does not start, and starts it the next time", () => {
    publish("v1.35.4+rke2r1");
    const ofThisStart = 'case "$*" in *"--since @$(date +%s | cut -c1-5)"*) ;; *) exit 0 ;; esac';
    const journal = ['level=fatal msg="no such CNI"', "other parts end", "1", "2", "3", "4"];
    box.write("bin/systemctl", '#!/bin/sh\n[ "$1" != restart ]\n');
    box.write("bin/journalctl", `#!/bin/sh\n${ofThisStart}\ncat <<'E'\n${journal.join("\n")}\nE\n`);
    for (const name of ["systemctl", "journalctl"]) fs.chmodSync(box.at(`bin/${name}`), 0o755);
    for (const service of ["rke2-server", "rke2-agent"]) {
      const { code, stderr } = install("v1.35.4+rke2r1", { service });
      assert.equal(code, 1);
      assert.match(stderr, /no such CNI"\n1\n2\n3\n4\n/);
      assert.match(stderr, new RegExp(`${service} does not start\nto do: read .* on maple`));
    }
    assert.equal(state("intent"), undefined);
  });

  it("installs nothing of an archive that the list or the configuration does not vouch for", () => {
    publish("v1.35.4+rke2r1");
    const pinned = install("v1.35.4+rke2r1", { checksum: "0".repeat(64) });
    assert.deepEqual([pinned.code, services(pinned)], [1, []]);
    assert.match(
      pinned.stderr,
      /not what bootstrap\.artefactChecksum \(for ARM: artefactChecksumArm64\) says/,
    );
    fs.appendFileSync(box.at(`origin/${archive}`), "more");
    const listed = install("v1.35.4+rke2r1");
    assert.deepEqual([listed.code, services(listed)], [1, []]);
    assert.match(listed.stderr, /not what the list of the release says/);
    assert.deepEqual([installed(), state("release")], [undefined, undefined]);
  });

  it("goes one minor version forward, and refuses to skip one or to go back", () => {
    for (const release of ["v1.34.7+rke2r2", "v1.34.9+rke2r1", "v1.35.4+rke2r1"]) {
      publish(release);
      assert.equal(install(release).code, 0, release);
    }
    for (const release of ["v1.37.0+rke2r1", "v1.34.9+rke2r1", "v1.35.3+rke2r2"]) {
      publish(release);
      const refused = install(release);
      assert.deepEqual([refused.code, services(refused)], [1, []], release);
      assert.match(
        refused.stderr,
        /from RKE2 v1\.35\.4\+rke2r1 to .*\nto do: go one minor version/,
      );
      assert.deepEqual([installed(), state("release")], Array(2).fill("v1.35.4+rke2r1"));
    }
  });

  it("upgrades a server after a snapshot and a drain, and takes it back", () => {
    publish("v1.34.7+rke2r1");
    install("v1.34.7+rke2r1");
    publish("v1.35.4+rke2r1");
    node("v1.34.7+rke2r1");
    box.write("bin/systemctl", upgrading("v1.35.4+rke2r1"));
    fs.rmSync(box.at("/srv/backups"), { recursive: true });
    const { code, stderr, calls } = install("v1.35.4+rke2r1");
    assert.equal(code, 0, stderr);
    assert.equal(fs.statSync(box.at("/srv/backups/etcd")).mode & 0o777, 0o700);
    const order = [
      "etcd-snapshot save",
      "etcd-snapshot prune --name vmstation --etcd-snapshot-retention 3",
      " drain maple",
      "systemctl restart rke2-server",
      "uncordon maple",
    ];
    const places = order.map((words) => calls.findIndex((call) => call.includes(words)));
    assert.ok(!places.includes(-1), calls.join("\n"));
    assert.deepEqual(
      [...places].sort((a, b) => a - b),
      places,
    );
  });

  it("leaves the drain of an agent to the controller, and drains nobody whose pods could go nowhere", () => {
    for (const service of ["rke2-agent", "rke2-server"]) {
      publish("v1.34.7+rke2r1");
      fs.rmSync(box.at("/var/lib/vmstation"), { recursive: true, force: true });
      install("v1.34.7+rke2r1", { service });
      publish("v1.35.4+rke2r1");
      node("v1.34.7+rke2r1", "NotReady");
      const { code, stderr, calls } = install("v1.35.4+rke2r1", { service });
      assert.equal(code, 0, stderr);
      assert.ok(!calls.some((call) => call.includes(" drain ")), calls.join("\n"));
    }
  });
});
