import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { readScript, type Step } from "../../../components/remote/step";
import { Sandbox } from "../../support/sandbox";

const KUBEADM = path.join(__dirname, "../../../components/bootstrap/kubeadm");
const OLD = "192.168.8.63:6443";
const VIRTUAL = "192.168.8.9:6443";

/** Objects as kubeadm makes them, with the line that names the API server. */
const OBJECTS: Readonly<Record<string, (host: string) => string>> = {
  "kubeadm-config": (host) =>
    `data:\n  ClusterConfiguration: |\n    clusterName: homelab\n    controlPlaneEndpoint: ${host}\n    dns: {}\n`,
  "cluster-info": (host) =>
    `data:\n  kubeconfig: |\n    clusters:\n    - cluster:\n        server: https://${host}\n      name: ""\n`,
  "kube-proxy": (host) =>
    `data:\n  kubeconfig.conf: |-\n    clusters:\n    - cluster:\n        certificate-authority: /ca.crt\n        server: https://${host}\n`,
};

describe("a kubeadm cluster that gets a virtual address, or loses it", () => {
  let box: Sandbox;
  const kubeconfig = (host: string): string =>
    `clusters:\n- cluster:\n    server: https://${host}\n  name: homelab\n`;
  const write = (file: string, text: string): void => {
    fs.mkdirSync(path.dirname(box.at(file)), { recursive: true });
    box.write(file, text);
  };
  const program = (name: string, text: string): void => {
    write(`bin/${name}`, `#!/bin/sh\necho "${name} $*" >>${box.at("calls")}\n${text}\n`);
    fs.chmodSync(box.at(`bin/${name}`), 0o755);
  };
  const serverOf = (name: string): string | undefined =>
    /(?:server: https:\/\/|controlPlaneEndpoint: )(\S+)/.exec(box.read(name))?.[1];
  const calls = (): string[] => (box.exists("calls") ? box.read("calls").split("\n") : []);

  const run = (host: string, isVirtual: boolean, verb = "apply") => {
    fs.rmSync(box.at("calls"), { force: true });
    const follow = readScript(KUBEADM, "files/follow-endpoint.sh")
      .replaceAll("/etc/kubernetes", box.at("etc/kubernetes"))
      .replaceAll("/usr/local/bin", box.at("bin"));
    const step: Step = {
      name: "bootstrap-init",
      script: `PATH=${box.at("bin")}:$PATH\n${follow}\nstep() { follow_endpoint cluster; }`,
      libraries: ["files"],
      settings: { HOST: host, VIRTUAL: isVirtual },
    };
    return box.run(step, verb);
  };

  beforeEach(() => {
    box = new Sandbox();
    for (const file of ["admin.conf", "kubelet.conf"])
      write(`etc/kubernetes/${file}`, kubeconfig(OLD));
    for (const [name, text] of Object.entries(OBJECTS)) write(`objects/${name}`, text(OLD));
    program("curl", "exit 0");
    program("systemctl", "");
    program(
      "kubectl",
      `for word in "$@"; do case $word in kubeadm-config|cluster-info|kube-proxy) name=$word ;; esac; done
case "$*" in
  *" get configmap "*) cat ${box.at("objects")}/$name ;;
  *" replace -f "*)
    for last in "$@"; do :; done
    case $(cat "$last") in
      *controlPlaneEndpoint*) cat "$last" >${box.at("objects")}/kubeadm-config ;;
      *certificate-authority*) cat "$last" >${box.at("objects")}/kube-proxy ;;
      *) cat "$last" >${box.at("objects")}/cluster-info ;;
    esac ;;
esac`,
    );
  });
  afterEach(() => {
    box.remove();
  });

  const everywhere = (): (string | undefined)[] => [
    ...["admin.conf", "kubelet.conf"].map((file) => serverOf(`etc/kubernetes/${file}`)),
    ...Object.keys(OBJECTS).map((name) => serverOf(`objects/${name}`)),
  ];

  it("names it in the machine's files and in all that the cluster hands out, once", () => {
    const looked = run(VIRTUAL, true, "check");
    assert.match(looked.stdout, /admin\.conf\tprograms of this machine reach .* not at 192\.168/);
    const ran = run(VIRTUAL, true);
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(everywhere(), Array(5).fill(VIRTUAL));
    assert.ok(calls().includes("systemctl restart kubelet"));
    assert.ok(calls().some((call) => call.includes("rollout restart daemonset kube-proxy")));
    assert.equal(run(VIRTUAL, true).code, 0);
    assert.doesNotMatch(calls().join("\n"), /restart|replace/);
    assert.equal(run(VIRTUAL, true, "check").code, 0);
  });

  it("names the machine again where the key has gone, and forgets that there was one", () => {
    run(VIRTUAL, true);
    assert.equal(run(OLD, false).code, 0);
    assert.deepEqual(everywhere(), Array(5).fill(OLD));
    assert.ok(!box.exists("state/bootstrap/endpoint"));
  });

  it("keeps an address that is not ours, of a cluster that was taken over", () => {
    for (const file of ["admin.conf", "kubelet.conf"])
      write(`etc/kubernetes/${file}`, kubeconfig("k8s.home.lan:6443"));
    assert.equal(run(OLD, false).code, 0);
    assert.deepEqual(calls(), []);
    assert.equal(serverOf("etc/kubernetes/kubelet.conf"), "k8s.home.lan:6443");
    assert.equal(run(OLD, false, "check").code, 0);
  });

  it("lets a control plane's kubelet use the API server beside it", () => {
    write(
      "etc/kubernetes/manifests/kube-apiserver.yaml",
      "    - --advertise-address=192.168.8.63\n",
    );
    assert.equal(run(VIRTUAL, true).code, 0);
    assert.equal(serverOf("etc/kubernetes/kubelet.conf"), OLD);
    assert.equal(serverOf("etc/kubernetes/admin.conf"), VIRTUAL);
    assert.ok(!calls().includes("systemctl restart kubelet"));
  });
});
