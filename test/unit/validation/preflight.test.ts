import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { bootstrapSchema } from "../../../components/bootstrap/config";
import { existingPolicy } from "../../../components/bootstrap/facts";
import { withNeeded } from "../../support/methods";
import { Sandbox, type Ran } from "../../support/sandbox";
import { layOut, runPreflight, type Change } from "./preflight-machine";

describe("preflight on a machine", () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
  });
  afterEach(() => {
    box.remove();
  });

  const run = (change: Change = {}, verb = "apply"): Ran => runPreflight(box, change, verb);

  it("passes a machine that is as described, and leaves nothing behind", () => {
    const before = (): string[] => fs.readdirSync(box.root, { recursive: true }).map(String).sort();
    layOut(box);
    const had = before();
    const ran = run();
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(ran.stdout, "");
    assert.deepEqual(
      before().filter((file) => !had.includes(file)),
      ["run/vmstation", "run/vmstation/lock", "run/vmstation/owner"],
    );
  });

  it("takes the MAC of the card below a bridge, which hears magic packets", () => {
    const bridge = "aa:aa:aa:aa:aa:aa\n";
    const files = { "sys/class/net/br0/address": bridge, "sys/class/net/br0/lower_enp2s0/x": "" };
    const ran = run({ files, settings: { NIC: "br0" } });
    assert.equal(ran.code, 0, ran.stderr);
    const other = run({ files, settings: { NIC: "br0", MAC: "00:00:00:00:00:01" } });
    assert.match(
      other.stderr,
      /MAC address of br0: found 02:00:00:00:08:63 aa:aa:aa:aa:aa:aa, expected 00:00:00:00:00:01/,
    );
  });

  it("finds the interface by the machine's address where no name is configured", () => {
    const answers = { ip: "2: enp2s0    inet 192.0.2.9/24 brd 192.0.2.255 scope global enp2s0" };
    const ran = run({ settings: { NIC: "192.0.2.9" }, answers });
    assert.equal(ran.code, 0, ran.stderr);
    const other = run({ settings: { NIC: "192.0.2.9", MAC: "00:00:00:00:00:01" }, answers });
    assert.match(other.stderr, /MAC address of enp2s0: found 02:00:00:00:08:63/);
  });

  const faults: [string, Change, RegExp][] = [
    [
      "another operating system",
      { files: { "etc/os-release": 'ID=ubuntu\nVERSION_ID="22.04"\n' } },
      /operating system: found ubuntu 22\.04, which VMStation does not know, expected Debian 12 \(bookworm\)\n\s+to do: install a system that it knows \(debian-12, .*, almalinux-10\)/,
    ],
    [
      "another version",
      { files: { "etc/os-release": 'ID=debian\nVERSION_ID="13"\n' } },
      /operating system: found debian 13, expected Debian 12 \(bookworm\)\n\s+to do: set vmstation:machines\.sandbox\.os to debian-13, or look/,
    ],
    [
      "an architecture that the method has no programs for",
      { settings: { ARCHITECTURE: "armv7l" } },
      /architecture: found armv7l, expected x86_64 aarch64 for method kubespray\n\s+to do: choose another/,
    ],
    [
      "an old kernel",
      { answers: { uname: "4.9.0-19-amd64" } },
      /kernel: found 4\.9\.0-19-amd64, expected 4\.19 or newer/,
    ],
    [
      "a missing module",
      { answers: { modinfo: undefined } },
      /kernel modules: found no br_netfilter, expected overlay br_netfilter\s+to do: install the package of the running/,
    ],
    [
      "too little memory",
      { files: { "proc/meminfo": "MemTotal: 1017892 kB\n" } },
      /memory: found 1042 MB, expected 2000 MB or more/,
    ],
    [
      "less memory than configured",
      { files: { "proc/meminfo": "MemTotal: 3915412 kB\n" } },
      /memory: found 4009 MB, expected about 8589 MB\n\s+to do: correct vmstation:machines\.sandbox\.memory/,
    ],
    [
      "another NIC",
      { settings: { NIC: "eth7" } },
      /network interface: found enp2s0, expected eth7/,
    ],
    [
      "an address that no interface has",
      { settings: { NIC: "192.0.2.9" }, answers: { ip: "" } },
      /network interface: found none with the address 192\.0\.2\.9, expected the one on the LAN/,
    ],
    [
      "another machine's MAC",
      { files: { "sys/class/net/enp2s0/address": "02:00:00:00:08:61\n" } },
      /MAC address of enp2s0: found 02:00:00:00:08:61, expected 02:00:00:00:08:63/,
    ],
    [
      "a small disk",
      { answers: { df: "Filesystem 1024-blocks\n/dev/sda1 9000000 1 1 1% /" } },
      /file system of \/: found 9216 MB, expected 20000 MB or more[^]*file system of \/var: found 9216 MB/,
    ],
    [
      "missing programs",
      { settings: { TOOLS: "sed nosuchtool" } },
      /programs: found no nosuchtool/,
    ],
  ];
  for (const [what, change, message] of faults) {
    it(`refuses ${what}, saying what was found, what is expected and what to do`, () => {
      const ran = run(change);
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, message);
      assert.ok(!box.exists("state"), "a record was left on the machine");
    });
  }

  it("reports every finding at once", () => {
    const ran = run({
      files: { "etc/os-release": "ID=fedora\n", "proc/meminfo": "MemTotal: 1000 kB\n" },
      answers: { uname: "3.10.0" },
    });
    assert.equal(ran.code, 1);
    assert.equal(ran.stderr.match(/^ {2}\S.*: found /gm)?.length, 3);
  });

  it("accepts Red Hat's missing modules while their package is not installed yet", () => {
    const settings = { EXTRA_MODULES: "kernel-modules-extra" };
    const ran = run({ answers: { modinfo: undefined, rpm: undefined }, settings });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /no br_netfilter yet; kernel-modules-extra-6\.1\.0-41-amd64/);
  });

  it("takes a module that is built into the kernel", () => {
    const built = "lib/modules/6.1.0-41-amd64/modules.builtin";
    const ran = run({
      files: { [built]: "kernel/net/bridge/br_netfilter.ko\n" },
      answers: { modinfo: undefined, rpm: "installed" },
    });
    assert.equal(ran.code, 0, ran.stderr);
  });

  describe("where a cluster is there", () => {
    const there = { "etc/kubernetes/kubelet.conf": "apiVersion: v1\n" };

    it("refuses one that it does not know, and says how to go on", () => {
      const ran = run({ files: there });
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /existing cluster: found \/etc\/kubernetes\/kubelet\.conf/);
      assert.match(ran.stderr, /vmstation:bootstrap\.existing: adopt .* or reset/);
    });

    it("goes on where the configuration says reset", () => {
      assert.equal(run({ files: there, settings: { EXISTING: "reset" } }).code, 0);
    });

    it("refuses every cluster that the method could not have made, a worker's too, under any policy", () => {
      const foreign = {
        "var/lib/rancher/k3s/agent/kubelet.kubeconfig": /K3s/,
        "etc/systemd/system/k3s-agent.service": /K3s/,
        "etc/rancher/k3s/k3s.yaml": /K3s/,
        "var/lib/rancher/rke2/agent/kubelet.kubeconfig": /RKE2/,
        "etc/rancher/rke2/rke2.yaml": /RKE2/,
        "var/lib/k0s/kubelet.conf": /k0s/,
        "var/snap/microk8s/current/credentials/kubelet.config": /MicroK8s/,
      };
      const policies = ["refuse", "adopt", "reset"];
      Object.entries(foreign).forEach(([file, distribution], i) => {
        const EXISTING = policies[i % policies.length] ?? "";
        const ran = run({ files: { [file]: "" }, settings: { EXISTING } });
        fs.rmSync(box.at(file));
        assert.equal(ran.code, 1, file);
        assert.match(ran.stderr, /existing cluster: found .*expected .* or to one by kubespray/);
        assert.match(ran.stderr, distribution);
      });
      // To RKE2 it is Kubernetes' own files that are another's.
      const rke2 = existingPolicy(bootstrapSchema.parse({ method: "rke2" }));
      const settings = { MARKS: rke2.marks, FOREIGN_MARKS: rke2.foreignMarks };
      assert.match(run({ files: there, settings }).stderr, /found Kubernetes \(/);
    });

    it("refuses where anybody's kubelet runs, unless it is a container's own", () => {
      const link = (target: string, name: string) => {
        fs.mkdirSync(path.dirname(box.at(name)), { recursive: true });
        fs.rmSync(box.at(name), { force: true });
        fs.symlinkSync(target, box.at(name));
      };
      link("pid:[1]", "proc/1/ns/pid");
      link("pid:[7]", "proc/812/ns/pid");
      const files = { "proc/1/comm": "systemd\n", "proc/812/comm": "kubelet\n" };
      const contained = run({ files });
      assert.equal(contained.code, 0, contained.stderr);
      link("pid:[1]", "proc/812/ns/pid");
      const ran = run({ files });
      assert.equal(ran.code, 1);
      assert.match(
        ran.stderr,
        /existing cluster: found a running kubelet \(kubelet, process 812\)/,
      );
    });

    const adopted = {
      ...there,
      "etc/kubernetes/kubelet.env": 'KUBELET_HOSTNAME="--hostname-override=maple"\n',
      "etc/cni/net.d/10-calico.conflist": "{}",
      "etc/kubernetes/manifests/kube-apiserver.yaml": "    - --secure-port=6443\n",
    };

    it("goes on where it is to be adopted and has the node's name, Calico and the API's port", () => {
      const ran = run({ files: adopted, settings: { EXISTING: "adopt", MACHINE: "maple" } });
      assert.equal(ran.code, 0, ran.stderr);
    });

    for (const [what, file, content, found] of [
      [
        "another name of the node, told to its kubelet",
        "etc/kubernetes/kubelet.env",
        'KUBELET_HOSTNAME="--hostname-override=node1"\n',
        "name of the node in its cluster: found node1, expected maple",
      ],
      [
        "another name of the node, in its credentials",
        "etc/kubernetes/kubelet.conf",
        "- context:\n    user: system:node:node2\n",
        "name of the node in its cluster: found node2, expected maple",
      ],
      [
        "another port of the API server",
        "etc/kubernetes/manifests/kube-apiserver.yaml",
        "    - --secure-port=8443\n",
        "port of its API server: found 8443, expected 6443",
      ],
    ] as const) {
      it(`refuses to adopt one with ${what}`, () => {
        const files = { ...adopted, "etc/kubernetes/kubelet.env": "", [file]: content };
        const ran = run({
          files: { ...files, "proc/sys/kernel/hostname": "Maple\n" },
          settings: { EXISTING: "adopt", MACHINE: "maple" },
        });
        assert.equal(ran.code, 1);
        assert.match(ran.stderr, new RegExp(`^  ${found}$`, "m"));
        assert.equal(ran.stderr.match(/found/g)?.length, 1, ran.stderr);
      });
    }

    it("refuses to adopt one with another network plugin", () => {
      const { "etc/cni/net.d/10-calico.conflist": calico, ...others } = adopted;
      const files = { ...others, "etc/cni/net.d/10-flannel.conflist": calico };
      const ran = run({ files, settings: { EXISTING: "adopt", MACHINE: "maple" } });
      assert.match(
        ran.stderr,
        /network plugin of its cluster: found 10-flannel\.conflist, expected Calico/,
      );
    });

    it("refuses to adopt a K3s with its own flannel, or another name of its node", () => {
      const { marks, foreignMarks } = existingPolicy(bootstrapSchema.parse(withNeeded("k3s")));
      const settings = { EXISTING: "adopt", MARKS: marks, FOREIGN_MARKS: foreignMarks };
      const k3s = { "var/lib/rancher/k3s/server/token": "", "proc/sys/kernel/hostname": "node1\n" };
      const flannel = "var/lib/rancher/k3s/agent/etc/cni/net.d/10-flannel.conflist";
      const ran = run({
        files: { ...k3s, [flannel]: "{}" },
        settings: { ...settings, MACHINE: "maple" },
      });
      assert.match(ran.stderr, /network plugin of its cluster: found 10-flannel\.conflist/);
      assert.match(ran.stderr, /name of the node in its cluster: found node1, expected maple/);
      fs.rmSync(box.at(flannel));
      const calico = { "etc/cni/net.d/10-calico.conflist": "{}" };
      const same = run({
        files: { ...k3s, ...calico },
        settings: { ...settings, MACHINE: "node1" },
      });
      assert.equal(same.code, 0, same.stderr);
    });

    for (const trace of ["state/steps/kernel", "state/bootstrap/recorded.json"]) {
      it(`knows its own by ${trace}`, () => {
        assert.equal(run({ files: { ...there, [trace]: "" } }).code, 0);
      });
    }
  });

  it("looks at nothing and says nothing when asked for drift", () => {
    const ran = run({ files: { "etc/os-release": "ID=fedora\n" } }, "check");
    assert.deepEqual([ran.code, ran.stdout, ran.stderr], [0, "", ""]);
  });
});
