import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import path from "node:path";
import * as fc from "fast-check";
import { initStep, joinStep } from "../../../components/bootstrap/kubeadm/steps";
import type { Step } from "../../../components/remote/step";
import { chooseSeed, countCases } from "../../support/cases";
import { type Ran, Sandbox } from "../../support/sandbox";
import { argsOf, machineNamed, THREE_CONTROL_PLANES } from "./sites";

const FILE = "etc/vmstation/kubeadm/encryption.yaml";
const MARKS = [
  "var/lib/etcd/member",
  "etc/kubernetes/pki/ca.key",
  "etc/kubernetes/admin.conf",
  "etc/kubernetes/manifests/kube-apiserver.yaml",
];
const RECORD = "state/bootstrap/kubeadm";
const SECRETS = { token: "t", caHash: "sha256:00", certificateKey: "k" };

const makeKey = (): string => randomBytes(32).toString("base64");

/** A control plane whose first step is tried, up to the program that kubeadm would be run by. */
class Place {
  readonly box = new Sandbox();

  constructor(private readonly isFirst: boolean) {}

  write(file: string, content = ""): void {
    fs.mkdirSync(path.dirname(this.box.at(file)), { recursive: true });
    this.box.write(file, content);
  }

  apply(key: string, more: Readonly<Record<string, unknown>> = {}): Ran {
    const step = this.step(key, more);
    const below = (text: string) =>
      text
        .replaceAll("/etc/", `${this.box.root}/etc/`)
        .replaceAll("/var/lib/etcd", this.box.at("var/lib/etcd"));
    const files = (step.files ?? [])
      .filter((file) => file.path.startsWith("/etc/"))
      .map((file) => this.box.file(file.path.slice(1), below(file.content)));
    const script = `${below(step.script)}\nrun_long() { :; }\nguard_peers() { :; }`;
    return this.box.run({ ...step, script, files }, "apply");
  }

  private step(key: string, more: Readonly<Record<string, unknown>>): Step {
    const args = argsOf("kubeadm", { encryption: true, ...more }, ...THREE_CONTROL_PLANES);
    const { controller } = args;
    if (this.isFirst) return initStep(args, controller, key);
    return joinStep(args, controller, machineNamed(args.machines, "second"), SECRETS, key);
  }

  /** Everything on the machine that is no mere folder. */
  everything(): string[] {
    return fs
      .readdirSync(this.box.root, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => path.relative(this.box.root, path.join(one.parentPath, one.name)))
      .filter((file) => !file.startsWith("run/"))
      .map((file) => `${file} ${this.box.read(file)}`)
      .sort();
  }
}

function assertRefused({ code, stderr }: Ran, ...keys: readonly string[]): void {
  assert.equal(code, 1, stderr);
  assert.match(stderr, /Secrets of this cluster are encrypted by a key in \S+encryption\.yaml/);
  assert.match(stderr, /to do: .*'npx vmstation migrate'/);
  for (const key of keys) assert.ok(!stderr.includes(key));
}

for (const isFirst of [true, false]) {
  describe(`the key of Secrets, on ${isFirst ? "the first control plane" : "one that joins"}`, () => {
    let there: Place;
    let key: string;

    beforeEach(() => {
      there = new Place(isFirst);
      key = makeKey();
      const first = there.apply(key);
      assert.equal(first.code, 0, first.stderr);
      assert.ok(there.box.read(FILE).includes(key));
    });
    afterEach(() => {
      there.box.remove();
    });

    it("is written again as it is, whatever else of a cluster is there", () => {
      for (const mark of MARKS) there.write(mark);
      const again = there.apply(key);
      assert.equal(again.code, 0, again.stderr);
      fs.rmSync(there.box.at(FILE));
      assert.equal(there.apply(key).code, 0);
      assert.ok(there.box.read(FILE).includes(key));
    });

    for (const mark of MARKS) {
      it(`is kept, with all else that is there, where another one comes to ${mark}`, () => {
        there.write(mark);
        const before = there.everything();
        const other = makeKey();
        assertRefused(there.apply(other), key, other);
        assert.deepEqual(there.everything(), before);
      });
    }

    it("is not taken for none where it cannot be read: the step ends, and nothing was touched", () => {
      there.write(MARKS[0] ?? "");
      fs.rmSync(there.box.at(FILE));
      there.write(`${FILE}/in-its-place`);
      const before = there.everything();
      assert.notEqual(there.apply(key, { audit: true }).code, 0);
      assert.deepEqual(there.everything(), before);
    });

    it("is kept of a cluster that is refused, and goes with one that is to be wiped", () => {
      fs.rmSync(there.box.at(RECORD));
      const mark = isFirst ? "etc/kubernetes/admin.conf" : "etc/kubernetes/kubelet.conf";
      there.write(mark);
      there.write("etc/kubernetes/pki/ca.key");
      const other = makeKey();
      const cluster = argsOf("kubeadm").clusterName;
      const wipe = { existing: "reset", resetClusterName: cluster };
      for (const more of [{}, { existing: "reset" }, { ...wipe, resetClusterName: "another" }])
        assertRefused(there.apply(other, more), key, other);
      there.write(RECORD);
      assertRefused(there.apply(other, wipe), key, other);
      fs.rmSync(there.box.at(RECORD));
      fs.rmSync(there.box.at(mark));
      assertRefused(there.apply(other, wipe), key, other);
      there.write(mark);
      there.apply(other, wipe);
      assert.ok(there.box.read(FILE).includes(other));
    });

    it("is another one once `reset hard` has taken the cluster away", () => {
      const other = makeKey();
      fs.rmSync(there.box.at("state/bootstrap"), { recursive: true });
      const again = there.apply(other);
      assert.equal(again.code, 0, again.stderr);
      assert.ok(there.box.read(FILE).includes(other));
      assert.ok(!there.box.read(FILE).includes(key));
    });

    it("is kept where it stands beside the stack's, in any form of YAML", () => {
      there.write("etc/kubernetes/pki/ca.key");
      const form = fc.constantFrom(
        (text: string) => `{"secretbox":{"keys":[{"name":"key2","secret":"${text}"}]}}`,
        (text: string) => `- aescbc:\n    keys:\n      - name: key2\n        secret: '${text}'\n`,
        (text: string) => `- aesgcm:\n    keys:\n    - secret: >-\n        ${text}\n`,
        (text: string) => `- {secretbox: {keys: [{name: key2, "secret" : ${text} }]}} # mine\n`,
      );
      const size = fc.constantFrom(16, 24, 32);
      fc.assert(
        fc.property(form, size, (render, length) => {
          const second = randomBytes(length).toString("base64");
          const text = `${render(second)}- secret: ${key}\n`;
          there.write(FILE, text);
          assertRefused(there.apply(key), key, second);
          assert.equal(there.box.read(FILE), text);
        }),
        { numRuns: countCases(4), seed: chooseSeed() },
      );
    });

    it("is put into a file that has none", () => {
      there.write("etc/kubernetes/pki/ca.key");
      there.write(FILE, "kind: EncryptionConfiguration\nproviders: [{identity: {}}] # no key\n");
      const ran = there.apply(key);
      assert.equal(ran.code, 0, ran.stderr);
      assert.ok(there.box.read(FILE).includes(key));
    });
  });
}
