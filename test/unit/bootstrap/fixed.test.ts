import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { initStep } from "../../../components/bootstrap/kubeadm/steps";
import { nameMembers } from "../../../components/bootstrap/preview-members";
import { renderFixedRecord, renderRefusal } from "../../../components/bootstrap/preview-fixed";
import type { Step } from "../../../components/remote/step";
import { Sandbox } from "../../support/sandbox";
import { ControlPlane, readScript, Worker } from "./kubeadm-member";
import { keptBy, argsOf, machineNamed, THREE_CONTROL_PLANES } from "./sites";

describe("what a running cluster by kubeadm keeps", () => {
  let there: ControlPlane;
  afterEach(() => {
    there.box.remove();
  });

  it("is recorded once it is as described, whatever is shown, and not changed by a refusal", () => {
    there = new ControlPlane();
    assert.deepEqual(there.run({}), { code: 0, stdout: "", stderr: "" });
    const recorded = there.box.read("state/bootstrap/fixed");
    assert.match(recorded, /^bootstrap\.audit\tfalse$/m);
    const refused = there.run({ audit: true, maxPods: 60 });
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /vmstation:bootstrap\.audit: the cluster has false, the configuration says true/,
    );
    assert.match(refused.stderr, /2 setting\(s\) cannot change under a running cluster/);
    assert.equal(there.box.read("state/bootstrap/fixed"), recorded);
  });

  it("is what the machine shows where nothing is recorded: of an update, or of another hand", () => {
    there = new ControlPlane({ audit: true, encryption: true });
    const changes = {
      ...{ audit: false, encryption: false, maxPods: 60, apiServerPort: 8443 },
      reserves: { system: { cpu: "700m", memory: "1Gi" }, kube: { cpu: "300m", memory: "1Gi" } },
    };
    const { code, stderr } = there.run(changes);
    assert.equal(code, 1);
    const refused = [...stderr.matchAll(/vmstation:([\w.]+): the cluster has (\S+),/g)];
    assert.deepEqual(
      refused.map(([, key, was]) => `${key} ${was}`),
      [
        "bootstrap.apiServerPort 6443",
        "bootstrap.audit true",
        "bootstrap.encryption true",
        "bootstrap.maxPods 110",
        "bootstrap.reserves.kube.cpu 100m",
        "bootstrap.reserves.kube.memory 256Mi",
        "bootstrap.reserves.system.cpu 500m",
        "bootstrap.reserves.system.memory 512Mi",
      ],
    );
  });

  it("may be changed by hand, as far as that is offered, and is recorded then", () => {
    there = new ControlPlane();
    assert.deepEqual(there.run({}), { code: 0, stdout: "", stderr: "" });
    there.write("var/lib/kubelet/config.yaml", "kind: KubeletConfiguration\nmaxPods: 60\n");
    there.write("etc/kubernetes/manifests/kube-apiserver.yaml", "    - --secure-port=8443\n");
    assert.equal(there.run({ maxPods: 60 }).code, 0);
    assert.match(there.box.read("state/bootstrap/fixed"), /^bootstrap\.maxPods\t60$/m);
    assert.equal(there.run({ maxPods: 60, apiServerPort: 8443 }).code, 1);
  });

  it("leaves what only a control plane shows to the control planes", () => {
    there = new Worker({ audit: true });
    assert.deepEqual(there.run({}), { code: 0, stdout: "", stderr: "" });
    assert.deepEqual(there.run({ audit: false }), { code: 0, stdout: "", stderr: "" });
    assert.match(there.box.read("state/bootstrap/fixed"), /^bootstrap\.audit\tfalse$/m);
    assert.equal(there.run({ audit: false, maxPods: 60 }).code, 1);
    assert.equal(there.run({ audit: false, apiServerPort: 8443 }).code, 1);
  });

  it("does not bind a machine that is in no cluster, or whose cluster is half made", () => {
    there = new ControlPlane();
    assert.deepEqual(there.run({}), { code: 0, stdout: "", stderr: "" });
    there.write("state/bootstrap/kubeadm-begun", "");
    assert.equal(there.run({ audit: true }).code, 0);
  });

  it("binds somebody else's cluster where that is taken over, not where it is wiped", () => {
    there = new ControlPlane();
    fs.rmSync(there.box.at("state/bootstrap/kubeadm"));
    const other = { maxPods: 60 };
    assert.equal(there.run({ ...other, existing: "reset" }, ":").code, 0);
    assert.equal(there.run({ ...other, existing: "refuse" }, ":").code, 0);
    assert.equal(there.run({ ...other, existing: "adopt" }, ":").code, 1);
  });

  it("holds the names in the certificate: more than are wanted, never fewer", function () {
    there = new ControlPlane();
    const certificate = there.box.at("etc/kubernetes/pki/apiserver.crt");
    fs.mkdirSync(path.dirname(certificate));
    const made = spawnSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-subj", "/CN=x", "-days", "30", "-keyout", `${certificate}.key`, "-out", certificate],
      ...["-addext", "subjectAltName=DNS:kubernetes,DNS:k8s.lan,IP:10.96.0.1,IP:192.168.8.63"],
    ]);
    assert.equal(made.status, 0);
    assert.equal(there.run({ apiServerSans: ["k8s.lan", "192.168.8.63"] }).code, 0);
    fs.rmSync(there.box.at("state/bootstrap/fixed"));
    const lacking = there.run({ apiServerSans: ["k8s.lan", "other.lan"] });
    assert.equal(lacking.code, 1);
    assert.match(lacking.stderr, /apiServerSans: the cluster has kubernetes k8s\.lan 10\.96\.0\.1/);
  });

  it("keeps the files that a static pod mounts, also where a later step no longer brings them", () => {
    there = new ControlPlane();
    const policy = there.box.at("policy.yaml");
    const other = there.box.at("other.yaml");
    const manifests = there.box.at("etc/kubernetes/manifests");
    there.write(
      "etc/kubernetes/manifests/kube-apiserver.yaml",
      `    - --audit-policy-file=${policy}\n`,
    );
    const step = (files: Step["files"]): Step => ({
      ...{ name: "mounted", libraries: ["files"], settings: {}, files: files ?? [] },
      script: `${readScript("files/fixed.sh")}\nstep() { ensure_files; keep_mounted "${manifests}"; }`,
    });
    const content = "rules: []\n";
    const both = ["policy.yaml", "other.yaml"].map((file) => there.box.file(file, content));
    assert.equal(there.box.run(step(both), "apply").code, 0);
    const ran = there.box.run(step([]), "apply");
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual([fs.existsSync(policy), fs.existsSync(other)], [true, false]);
    // Once no pod mounts it any more it goes.
    there.write("etc/kubernetes/manifests/kube-apiserver.yaml", "");
    assert.equal(there.box.run(step([]), "apply").code, 0);
    assert.equal(fs.existsSync(policy), false);
  });
});

describe("a control plane by kubeadm, whose audit log and encryption are switched off", () => {
  it("is refused and keeps every file that its API server mounts", () => {
    const box = new Sandbox();
    const apply = (audit: boolean) => {
      const args = argsOf("kubeadm", { audit, encryption: audit });
      const key = audit ? "c2VjcmV0" : undefined;
      const real = initStep(args, machineNamed(args.machines, "maple"), key);
      const below = (text: string) => text.replaceAll("/etc/", `${box.root}/etc/`);
      const files = (real.files ?? [])
        .filter((file) => file.path.startsWith("/etc/"))
        .map((file) => box.file(file.path.slice(1), below(file.content)));
      // What the run would do is tried elsewhere.
      const script = `${below(real.script)}\nrun_long() { :; }`;
      return box.run({ ...real, script, files }, "apply");
    };
    for (const file of ["kubelet.conf", "admin.conf"]) {
      fs.mkdirSync(box.at("etc/kubernetes/manifests"), { recursive: true });
      fs.writeFileSync(box.at(`etc/kubernetes/${file}`), "");
    }
    const mounted = ["audit-policy.yaml", "encryption.yaml"].map((file) =>
      box.at(`etc/vmstation/kubeadm/${file}`),
    );
    const [policy, encryption] = mounted;
    fs.writeFileSync(
      box.at("etc/kubernetes/manifests/kube-apiserver.yaml"),
      `    - --audit-policy-file=${policy}\n    - --encryption-provider-config=${encryption}\n`,
    );
    fs.mkdirSync(box.at("state/bootstrap"), { recursive: true });
    fs.writeFileSync(box.at("state/bootstrap/kubeadm"), "");
    const first = apply(true);
    assert.equal(first.code, 0, first.stderr);
    const second = apply(false);
    assert.deepEqual(
      mounted.map((file) => fs.existsSync(file)),
      [true, true],
    );
    assert.equal(second.code, 1);
    assert.match(
      second.stderr,
      /bootstrap\.audit: the cluster has true, the configuration says false/,
    );
    box.remove();
  });
});

describe("a step by kubeadm", () => {
  it("is run again for nothing that is only compared", () => {
    const digest = (settings: Readonly<Record<string, unknown>>) => {
      const args = argsOf("kubeadm", settings);
      const step = initStep(args, machineNamed(args.machines, "maple"), undefined);
      return [step.settings?.DIGEST, step.settings?.FIXED];
    };
    const [before, after] = [digest({}), digest({ apiServerSans: [] })];
    assert.deepEqual(before, after);
  });
});

describe("a preview of a cluster without playbooks", () => {
  it("names the machines that leave and join, by the roles and host keys of the last update", async () => {
    const three = argsOf("kubeadm", {}, ...THREE_CONTROL_PLANES);
    const output = renderFixedRecord([], three.machines);
    assert.equal(await nameMembers(three, output), undefined);
    const keyed = (other: string) => {
      const machines = three.machines.map((machine) => ({
        ...machine,
        hostKey: machine.name === "third" ? other : machine.name,
      }));
      return { ...three, machines };
    };
    const before = renderFixedRecord([], keyed("old").machines);
    assert.deepEqual(await nameMembers(keyed("new"), before), {
      severity: "info",
      text:
        "machines that leave the cluster, and join it:\n" +
        "  1. third is not asked, as it does not run, etcd forgets its member, its Node is deleted (another machine has its place)\n" +
        "  2. third joins, as a member of etcd too (it is a new machine)",
    });
    const fewer = { ...three, machines: three.machines.filter(({ name }) => name !== "hazel") };
    const refused = await nameMembers(fewer, output);
    assert.equal(refused?.severity, "warn");
    assert.match(
      refused.text,
      /^`up` will be refused: hazel left the configuration .*\nto do: .*allowRemoval/,
    );
    // A record of an earlier version.
    const roles = Object.fromEntries(
      three.machines.map((machine) => [`machines.${machine.name}.roles`, machine.roles.join(" ")]),
    );
    assert.deepEqual(await nameMembers(fewer, JSON.stringify({ fixed: roles })), refused);
  });

  it("warns of what the machines will refuse, by what the last update left in the stack", () => {
    const settings = (values: Readonly<Record<string, unknown>>) =>
      keptBy(argsOf("kubeadm", values));
    const output = renderFixedRecord(settings({}), argsOf("kubeadm").machines);
    const { machines } = argsOf("kubeadm");
    const refusal = (values: Readonly<Record<string, unknown>>, last: string | undefined) =>
      renderRefusal(settings(values), machines, last);
    assert.equal(refusal({}, output), undefined);
    assert.equal(refusal({ audit: true }, undefined), undefined);
    assert.equal(refusal({ audit: true }, '{"intent":"x","record":{}}'), undefined);
    const said = refusal({ audit: true, encryption: true }, output) ?? "";
    assert.match(
      said,
      /^`up` will be refused, unless the machines show it already: vmstation:bootstrap\.audit: the cluster has false, the configuration says true\nto do: /,
    );
    assert.match(said, /\n`up` will be refused: vmstation:bootstrap\.encryption: /);
  });
});
