import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as fc from "fast-check";
import { joinStep } from "../../../components/bootstrap/kubeadm/steps";
import { countCases } from "../../support/cases";
import { Sandbox } from "../../support/sandbox";
import { Installer, type Result } from "./installer";
import { argsOf, machineNamed } from "./sites";

/**
 * What stands in for kubeadm: its phases in their order, what each leaves on the disk, and its own preflight, which
 * refuses what an earlier one left. It stops at the phase that the file `stop` names, by itself or with its caller.
 */
const KUBEADM = `
stop=
[ "$1" = reset ] || stop=$(cat BOX/stop 2>/dev/null || :)
[ "$1" = reset ] || rm -f BOX/stop
leave() { mkdir -p "BOX\${1%/*}" && : >"BOX$1"; }
refuse() { [ ! -e "BOX$1" ] || { echo "[ERROR FileAvailable]: $1" >&2; exit 1; }; }
phase() {
  case $1 in
    certs) leave /etc/kubernetes/pki/ca.crt ;;
    kubeconfig) leave /etc/kubernetes/admin.conf && leave /etc/kubernetes/kubelet.conf ;;
    download-certs) leave /etc/kubernetes/pki/ca.crt ;;
    admin-conf) leave /etc/kubernetes/admin.conf ;;
    etcd) leave /etc/kubernetes/manifests/etcd.yaml && leave /var/lib/etcd/member/wal ;;
    control-plane) leave /etc/kubernetes/manifests/kube-apiserver.yaml ;;
    wait-control-plane) leave /api-answers ;;
    tls-bootstrap) leave /etc/kubernetes/kubelet.conf ;;
    kubelet-start) leave /var/lib/kubelet/pki/kubelet-client-current.pem && leave /kubelet-runs ;;
    addon) leave /whole ;;
  esac
  case $stop in
    "$1") echo "phase $1 failed" >&2; exit 1 ;;
    "kill $1") kill -KILL "$PPID"; exit 1 ;;
  esac
}
through() { for one; do phase "$one"; done; }
preflight() {
  refuse /etc/kubernetes/manifests/etcd.yaml
  refuse /etc/kubernetes/kubelet.conf
  refuse /etc/kubernetes/pki/ca.crt
  refuse /var/lib/etcd/member/wal
}
case $1 in
  init) preflight; through PHASES ;;
  join) preflight; through PHASES ;;
  reset) rm -rf BOX/etc/kubernetes BOX/var/lib/etcd BOX/var/lib/kubelet BOX/api-answers BOX/kubelet-runs BOX/whole ;;
esac
`;

const KUBECTL = `
[ -e BOX/api-answers ] || { echo "connection refused" >&2; exit 1; }
case "$*" in
  *version*) echo '{"gitVersion":"v1.35.4"}' ;;
  *nodes,namespaces*) cat BOX/objects 2>/dev/null || printf '%s\\n' node/maple namespace/default namespace/kube-system ;;
esac
`;

const INIT = ["certs", "kubeconfig", "etcd", "control-plane", "wait-control-plane", "addon"];
const WORKER = ["tls-bootstrap", "kubelet-start", "end"];
const CONTROL_PLANE = ["download-certs", "admin-conf", "tls-bootstrap", "kubelet-start", "etcd"];

const BEGUN = "/var/lib/vmstation/bootstrap/kubeadm-begun";
const READY = "/var/lib/vmstation/bootstrap/kubeadm-ready";
const JOINED = "/var/lib/vmstation/bootstrap/kubeadm-version";

function open(script: string, phases: readonly string[]): Installer {
  const runs = `case "$*" in *is-active*) [ -e BOX/kubelet-runs ] ;; esac`;
  const box = new Installer(`kubeadm/files/${script}`, { systemctl: "", kubectl: "", kubeadm: "" });
  const play = (name: string, text: string) => {
    const played = text.replace(/PHASES/g, phases.join(" ")).replaceAll("BOX", box.folder);
    const note = `#!/bin/sh\necho "${name} $*" >>${box.at("calls")}\n`;
    fs.writeFileSync(box.at(`bin/${name}`), `${note}${played}\n`, { mode: 0o755 });
  };
  play("kubeadm", KUBEADM);
  play("kubectl", KUBECTL);
  play("systemctl", runs);
  box.write("/etc/vmstation/kubeadm/manifests/30-calico.yaml", "");
  box.copy("kubeadm/files/place-kubelet.sh", "usr/lib/vmstation/kubeadm/place-kubelet.sh");
  return box;
}

const init = (box: Installer): Result => box.run("1.35.4", "maple", "none", "5", "30-calico.yaml");
const join = (box: Installer): Result => box.run("1.35.4", "hazel");
const called = ({ calls }: Result, verb: string) =>
  calls.filter((call) => call.startsWith(`kubeadm ${verb}`)).length;

/** Generated interruptions beside every single one. */
const CASES = countCases(2);

describe("kubeadm's half-made work", function () {
  this.timeout(120_000 + 200 * CASES);
  let box: Installer;
  afterEach(() => {
    box.remove();
  });

  /** Cut at each of these phases, one run each; then a run that nobody cuts. */
  const survive = (
    script: string,
    phases: readonly string[],
    run: (box: Installer) => Result,
    cuts: readonly string[],
  ): Result => {
    box = open(script, phases);
    for (const cut of cuts) {
      box.write("stop", cut);
      const ran = run(box);
      assert.notEqual(ran.code, 0, `cut at ${cut}`);
    }
    const last = run(box);
    assert.equal(last.code, 0, `after ${cuts.join(", ")}: ${last.stderr}`);
    assert.equal(box.read(BEGUN), undefined);
    return last;
  };

  /** Every phase once, failing or killed by turns. */
  const eachOf = (phases: readonly string[]): string[][] =>
    phases.map((phase, i) => [i % 2 === 0 ? phase : `kill ${phase}`]);

  const cutsOf = (phases: readonly string[]) =>
    fc.array(
      fc
        .tuple(fc.constantFrom(...phases), fc.boolean())
        .map(([phase, kill]) => (kill ? `kill ${phase}` : phase)),
      { maxLength: 3 },
    );

  it("is continued wherever kubeadm init stops, and however often", () => {
    for (const cuts of [...eachOf(INIT), ...fc.sample(cutsOf(INIT), CASES)]) {
      const last = survive("kubeadm-init.sh", INIT, init, cuts);
      assert.equal(called(last, "init"), 1);
      assert.equal(called(last, "reset"), cuts.length === 0 ? 0 : 1);
      assert.ok(box.read(READY));
      const again = init(box);
      assert.deepEqual([again.code, called(again, "init"), called(again, "reset")], [0, 0, 0]);
      box.remove();
    }
    box = open("kubeadm-init.sh", INIT);
  });

  it("is continued wherever a control plane's join stops, its Node deleted first", () => {
    for (const cuts of eachOf(CONTROL_PLANE)) {
      const last = survive("kubeadm-join.sh", CONTROL_PLANE, join, cuts);
      assert.equal(called(last, "join"), 1);
      assert.equal(called(last, "reset"), 1);
      const hadCredentials = cuts.every((cut) => !cut.includes("download-certs"));
      const deleted = last.calls.findIndex((call) => call.includes("delete node hazel"));
      assert.equal(deleted >= 0, hadCredentials, cuts.join());
      assert.ok(deleted < last.calls.findIndex((call) => call.startsWith("kubeadm reset")));
      assert.deepEqual(called(join(box), "join"), 0);
      box.remove();
    }
    box = open("kubeadm-join.sh", CONTROL_PLANE);
  });

  it("is reset before a worker's kubelet has its certificate, and is a member from then on", () => {
    for (const [cut, resets] of [
      ["tls-bootstrap", 1],
      ["kill tls-bootstrap", 1],
      ["kill kubelet-start", 0],
      ["end", 0],
    ] as const) {
      const last = survive("kubeadm-join.sh", WORKER, join, [cut]);
      assert.deepEqual([called(last, "reset"), called(last, "join")], [resets, resets], cut);
      assert.equal(box.read(JOINED), "1.35.4");
      box.remove();
    }
    box = open("kubeadm-join.sh", WORKER);
  });

  it("is never reset where the cluster is whole: of somebody else, of before, in use, or marked as ready", () => {
    const whole = [
      "/etc/kubernetes/admin.conf",
      "/etc/kubernetes/kubelet.conf",
      "/etc/kubernetes/manifests/kube-apiserver.yaml",
      "/var/lib/etcd/member/wal",
      "/api-answers",
    ];
    const seen = (prepare: (there: Installer) => void): [number | null, number] => {
      box = open("kubeadm-init.sh", INIT);
      for (const file of whole) box.write(file, "");
      prepare(box);
      const ran = init(box);
      assert.equal(called(ran, "init"), 0);
      box.remove();
      return [ran.code, called(ran, "reset")];
    };
    assert.deepEqual(
      seen(() => undefined),
      [0, 0],
      "no mark of ours at all",
    );
    assert.deepEqual(
      seen((there) => {
        there.write(READY, "");
        there.write(BEGUN, "");
      }),
      [0, 0],
      "cut between its two marks",
    );
    for (const more of ["node/homelab", "namespace/photos"]) {
      const used = (there: Installer) => {
        there.write(BEGUN, "");
        there.write("objects", `node/maple\nnamespace/default\n${more}\n`);
      };
      assert.deepEqual(seen(used), [1, 0], more);
    }
    box = open("kubeadm-init.sh", INIT);
  });

  it("says what to do where a cluster is there that does not answer, and touches nothing", () => {
    box = open("kubeadm-init.sh", INIT);
    box.write("/etc/kubernetes/admin.conf", "");
    const silent = init(box);
    assert.deepEqual([silent.code, called(silent, "reset"), called(silent, "init")], [1, 0, 0]);
    assert.match(silent.stderr, /API server does not answer\nto do: .*kubeadm reset/);
    assert.doesNotMatch(silent.stderr, /Traceback/);
  });

  it("never begins over etcd's data, whose admin.conf is gone", () => {
    box = open("kubeadm-init.sh", INIT);
    box.write("/var/lib/etcd/member/wal", "");
    const ran = init(box);
    assert.deepEqual([ran.code, called(ran, "init"), called(ran, "reset")], [1, 0, 0]);
    assert.match(ran.stderr, /etcd's data is on this machine/);
  });

  it("leaves as a worker and joins as a control plane, wherever that stops", () => {
    for (const cuts of [[], ...eachOf(CONTROL_PLANE), ["download-certs", "kill etcd"]]) {
      box = open("kubeadm-join.sh", CONTROL_PLANE);
      // What a worker is.
      for (const file of [
        "/etc/kubernetes/kubelet.conf",
        "/etc/kubernetes/pki/ca.crt",
        "/var/lib/kubelet/pki/kubelet-client-current.pem",
        "/kubelet-runs",
      ])
        box.write(file, "");
      box.write(JOINED, "1.35.4");
      // What the step leaves, once the controller has let the worker go.
      box.write("/var/lib/vmstation/bootstrap/kubeadm-promoted", "");
      for (const cut of cuts) {
        box.write("stop", cut);
        assert.notEqual(join(box).code, 0, cut);
      }
      const last = join(box);
      assert.deepEqual([last.code, called(last, "join")], [0, 1], last.stderr);
      assert.ok(box.read("/etc/kubernetes/admin.conf") !== undefined);
      assert.equal(box.read("/var/lib/vmstation/bootstrap/kubeadm-promoted"), undefined);
      const again = join(box);
      assert.deepEqual([again.code, called(again, "join"), called(again, "reset")], [0, 0, 0]);
      box.remove();
    }
    box = open("kubeadm-join.sh", CONTROL_PLANE);
  });
});

describe("the token to join with", () => {
  it("is told to have ended, with the command that makes a new one, before anything is touched", () => {
    const box = new Sandbox();
    const args = argsOf("kubeadm");
    const [controller, worker] = ["maple", "hazel"].map((n) => machineNamed(args.machines, n));
    assert.ok(controller && worker);
    const apply = (expires: number | undefined, member = false) => {
      const secrets = { token: "t", caHash: "sha256:00", certificateKey: "", expires };
      const real = joinStep(args, controller, worker, secrets, undefined);
      const script = `${real.script}\nis_member() { ${member}; }\nrefuse_changes() { :; }\nensure_files() { echo TOUCHED; exit 0; }`;
      return box.run({ ...real, script, files: [] }, "apply");
    };
    const now = Math.floor(Date.now() / 1000);
    const ended = apply(now - 1);
    assert.deepEqual([ended.code, ended.stdout], [1, ""]);
    assert.match(
      ended.stderr,
      /token to join with ended at 20.*\n.*up --replace '\*\*::bootstrap-token'/,
    );
    for (const ran of [apply(now + 600), apply(undefined), apply(now - 1, true)]) {
      assert.equal(ran.stdout, "TOUCHED\n", ran.stderr);
    }
    // A machine is drained by such a token too.
    fs.mkdirSync(box.at("state/bootstrap"), { recursive: true });
    fs.writeFileSync(box.at("state/bootstrap/kubeadm-version"), "1.34.1\n");
    assert.equal(apply(now - 1, true).code, 1);
    assert.equal(apply(now + 600, true).code, 0);
    box.remove();
  });
});
