import assert from "node:assert/strict";
import { existingPolicy } from "../../../components/bootstrap/facts";
import { Sandbox, type Ran } from "../../support/sandbox";
import { argsOf } from "../bootstrap/sites";
import { runPreflight } from "./preflight-machine";

const [LAN, OWN, OTHER] = ["192.168.8.63", "10.0.0.10", "10.0.0.99"];

/** `ip -o -4 address show`, for any of its filters that this step uses. */
const IP = `ip() {
  cat <<'ADDRESSES' | grep -F -- "\${6:-inet }"
2: enp2s0    inet ${LAN}/24 brd 192.168.8.255 scope global enp2s0
3: eth1    inet ${OWN}/24 scope global eth1
3: eth1    inet ${OTHER}/24 scope global secondary eth1
ADDRESSES
}`;

/** The record of a step: the program has prepared the machine. */
const OURS = { "var/lib/vmstation/steps/packages": "" };

/** What a machine has that a method has made part of a cluster. */
const METHODS = {
  kubeadm: (address: string) => ({
    "etc/kubernetes/kubelet.conf": "",
    "var/lib/kubelet/kubeadm-flags.env": `KUBELET_KUBEADM_ARGS="--node-ip=${address} --pod-infra-container-image=x"\n`,
  }),
  kubespray: (address: string) => ({
    "etc/kubernetes/kubelet.conf": "",
    "etc/kubernetes/kubelet.env": `KUBELET_HOSTNAME="--hostname-override=maple"\nKUBELET_ADDRESS="--node-ip=${address}"\n`,
  }),
  k3s: (address: string) => ({
    "etc/systemd/system/k3s.service": "",
    "etc/rancher/k3s/config.yaml": `node-name: maple\nnode-ip: ${address}\nnode-external-ip: ${LAN}\n`,
  }),
  rke2: (address: string) => ({
    "var/lib/rancher/rke2/agent/kubelet.kubeconfig": "",
    "etc/rancher/rke2/config.yaml": `node-name: maple\nnode-ip: "${address}"\n`,
  }),
} as const;

for (const method of ["kubeadm", "kubespray", "k3s", "rke2"] as const) {
  const files = METHODS[method];

  describe(`preflight of a machine that a cluster by ${method} knows`, () => {
    let box: Sandbox;
    beforeEach(() => {
      box = new Sandbox();
    });
    afterEach(() => {
      box.remove();
    });

    const { marks } = existingPolicy(argsOf(method, {}).config);
    const run = (known: string, wanted: string | undefined, existing = "refuse"): Ran =>
      runPreflight(
        box,
        {
          files: {
            "sys/class/net/eth1/mtu": "1500\n",
            ...files(known),
            ...(existing === "reset" ? {} : OURS),
          },
          functions: IP,
          settings: {
            MARKS: marks,
            RECORD: "/var/lib/vmstation/bootstrap/none",
            EXISTING: existing,
            ADDRESS: LAN,
            ...(wanted === undefined
              ? {}
              : { CLUSTER_NIC: "eth1", CLUSTER_ADDRESS: `${wanted}/24`, CLUSTER_MTU: 1500 }),
          },
        },
        "apply",
      );
    const finding = (ran: Ran): string =>
      ran.stderr.split("\n").find((line) => line.includes("by which the cluster knows")) ?? "none";

    it("passes where it is wanted as it is", () => {
      assert.equal(finding(run(OWN, OWN)), "none");
      assert.equal(finding(run(LAN, undefined)), "none");
    });

    for (const [what, known, wanted, said] of [
      ["another address", OWN, OTHER, /found 10\.0\.0\.10, expected 10\.0\.0\.99$/],
      ["one that it has not", LAN, OWN, /found 192\.168\.8\.63, expected 10\.0\.0\.10$/],
      ["none any more", OWN, undefined, /found 10\.0\.0\.10, expected none$/],
    ] as const)
      it(`stops at ${what}, before a firewall is changed`, () => {
        const ran = run(known, wanted);
        assert.equal(ran.code, 1, ran.stderr);
        assert.match(finding(ran), said);
      });

    it("lets the LAN's address be another one than it was", () => {
      assert.equal(finding(run("192.168.8.200", undefined)), "none");
    });

    it("does not look at what is wiped", () => {
      assert.equal(finding(run(OWN, OTHER, "reset")), "none");
    });
  });
}
