import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { spawnSync } from "node:child_process";
import { z } from "zod";
import { accessStep, inventoryStep } from "../../../components/bootstrap/kubespray/steps";
import { kubeconfigStep } from "../../../components/bootstrap/common-steps";
import type { Step } from "../../../components/remote/step";
import { Sandbox } from "../../support/sandbox";
import { python } from "./python";
import { argsOf } from "./sites";

const KEY = "ssh-ed25519 AAAAC3Nza vmstation-controller";
const OURS = `from="10.0.0.1",no-agent-forwarding,no-port-forwarding,no-X11-forwarding ${KEY}\n`;

for (const shell of ["sh", "bash"]) {
  describe(`the controller's access under ${shell}`, () => {
    let box: Sandbox;
    const keys = "home/.ssh/authorized_keys";
    /** The step for a user whose home is in the sandbox. */
    const step = (key = KEY): Step => {
      const real = accessStep(key, "10.0.0.1", os.userInfo().username);
      const home = `getent() { echo "u:x:0:0::${box.at("home")}:/bin/sh"; }`;
      return { ...real, script: `${home}\n${real.script}` };
    };
    beforeEach(() => {
      box = new Sandbox(shell);
      fs.mkdirSync(box.at("home"));
    });
    afterEach(() => {
      box.remove();
    });

    it("adds one line, closed to others, and keeps every other key", () => {
      fs.mkdirSync(box.at("home/.ssh"), { mode: 0o700 });
      fs.writeFileSync(box.at(keys), "ssh-rsa BBBB owner@desk");
      for (let i = 0; i < 2; i += 1) {
        const ran = box.run(step(), "apply");
        assert.equal(ran.code, 0, ran.stderr);
        assert.equal(box.read(keys), `ssh-rsa BBBB owner@desk\n${OURS}`);
      }
      assert.equal(fs.statSync(box.at(keys)).mode & 0o777, 0o600);
    });

    it("replaces its own line when the key changes, and takes it away on removal", () => {
      assert.equal(box.run(step("ssh-ed25519 OLD vmstation-controller"), "apply").code, 0);
      assert.equal(box.run(step(), "apply").code, 0);
      assert.equal(box.read(keys), OURS);
      fs.appendFileSync(box.at(keys), "ssh-rsa BBBB owner@desk\n");
      assert.equal(box.run(step(), "remove").code, 0);
      assert.equal(box.read(keys), "ssh-rsa BBBB owner@desk\n");
    });

    it("sees that the key is missing", () => {
      const ran = box.run(step(), "check");
      assert.equal(ran.code, 3);
      assert.match(ran.stdout, /^drift\tkey\t/);
      assert.equal(box.exists(keys), false);
    });
  });
}

describe("the kubeconfig", () => {
  it("is printed with the endpoint that other computers use, and else unchanged", () => {
    const box = new Sandbox();
    const text = "clusters:\n- cluster:\n    server: https://127.0.0.1:6443\n  name: x\n";
    fs.writeFileSync(box.at("admin.conf"), text);
    const files = { kubectl: "kubectl", kubeconfig: box.at("admin.conf") };
    const ran = box.run(kubeconfigStep(files, "https://192.168.8.63:6443", "r1"), "apply");
    assert.equal(ran.stdout, text.replace("127.0.0.1", "192.168.8.63"));
    box.remove();
  });
});

describe("fetching artefacts", () => {
  const script = path.join(__dirname, "../../../components/bootstrap/files/fetch-artefacts.sh");
  let folder: string;
  const digest = (text: string) => createHash("sha256").update(text).digest("hex");
  /** Runs the script with its cache in the test's folder. */
  const fetchList = (list: string) => {
    const text = fs
      .readFileSync(script, "utf8")
      .replace("/var/lib/vmstation/artefacts", path.join(folder, "cache"));
    fs.writeFileSync(path.join(folder, "list"), list);
    const args = ["-c", text, "fetch-artefacts.sh", path.join(folder, "list")];
    return spawnSync("sh", args, { encoding: "utf8" });
  };
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "vmstation-artefacts-"));
    fs.writeFileSync(path.join(folder, "tool"), "echo tool\n");
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  it("installs what has the digest that is pinned, once", () => {
    const target = path.join(folder, "bin/tool");
    const list = `${digest("echo tool\n")} file ${target} file://${folder}/tool\n`;
    const first = fetchList(list);
    assert.equal(first.status, 0, first.stderr);
    assert.equal(fs.readFileSync(target, "utf8"), "echo tool\n");
    assert.equal(fs.statSync(target).mode & 0o777, 0o755);
    assert.equal(fetchList(list).stdout, "");
  });

  it("unpacks an archive, and leaves folders that were there with their modes", () => {
    const [packed, target] = ["packed", "usr"].map((name) => path.join(folder, name));
    assert.ok(packed && target);
    for (const place of [path.join(packed, "bin"), path.join(target, "bin")])
      fs.mkdirSync(place, { recursive: true, mode: 0o755 });
    fs.writeFileSync(path.join(packed, "bin/tool"), "tool", { mode: 0o755 });
    for (const place of [path.join(packed, "bin"), packed]) fs.chmodSync(place, 0o700);
    const archive = path.join(folder, "tool.tgz");
    assert.equal(spawnSync("tar", ["-C", packed, "-czf", archive, "."]).status, 0);
    const sum = createHash("sha256").update(fs.readFileSync(archive)).digest("hex");
    const ran = fetchList(`${sum} tar ${target} file://${archive}\n`);
    assert.equal(ran.status, 0, ran.stderr);
    assert.equal(fs.readFileSync(path.join(target, "bin/tool"), "utf8"), "tool");
    const mode = (place: string): number => fs.statSync(place).mode & 0o777;
    assert.deepEqual([mode(target), mode(path.join(target, "bin"))], [0o755, 0o755]);
  });

  it("refuses what has another digest, and installs nothing of it", () => {
    const target = path.join(folder, "bin/tool");
    const ran = fetchList(`${digest("other")} file ${target} file://${folder}/tool\n`);
    assert.equal(ran.status, 1);
    assert.match(ran.stderr, /has the digest [0-9a-f]{64}, expected/);
    assert.equal(fs.existsSync(target), false);
  });
});

describe("the host keys on the controller", () => {
  it("stay for a machine that left the configuration, and never for an address that another one has", () => {
    const box = new Sandbox();
    const HOSTS = "10.0.0.1 ssh-ed25519 AAAA\n";
    const GONE = "[10.0.0.2]:2222 ssh-ed25519 BBBB\n";
    const apply = (content: string) => {
      const real = inventoryStep(argsOf("kubespray"));
      const files = [box.file("inventory/known_hosts", content, { mode: "0600" })];
      const script = `root() { :; }\n${real.script.replace("root:root", files[0]?.owner ?? "")}`;
      const ran = box.run(
        { ...real, script, files, settings: { KUBESPRAY_HOME: box.root } },
        "apply",
      );
      assert.equal(ran.code, 0, ran.stderr);
      const gone = "inventory/known_hosts.gone";
      return [box.read("inventory/known_hosts"), box.exists(gone) ? box.read(gone) : ""];
    };
    assert.deepEqual(apply(HOSTS + GONE), [HOSTS + GONE, ""]);
    for (let i = 0; i < 2; i += 1) assert.deepEqual(apply(HOSTS), [HOSTS, GONE]);
    const other = "[10.0.0.2]:2222 ssh-ed25519 CCCC\n";
    assert.deepEqual(apply(HOSTS + other), [HOSTS + other, ""]);
    box.remove();
  });

  it("are read from both files by ssh, in each of its two ways", () => {
    const words = python(
      `
import playbook, run, shlex
machine = {"vars": {"ansible_user": "u", "ansible_host": "h", "ansible_port": 22}}
answer = [shlex.split(playbook.environment("/home")["ANSIBLE_SSH_ARGS"]), run.ssh_to("/home")(machine)]
`,
      null,
    );
    const both = "UserKnownHostsFile=/home/inventory/known_hosts /home/inventory/known_hosts.gone";
    for (const way of z.array(z.array(z.string())).parse(words)) assert.ok(way.includes(both));
  });
});
