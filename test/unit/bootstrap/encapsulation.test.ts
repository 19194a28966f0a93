import assert from "node:assert/strict";
import { renderCalicoSpec } from "../../../components/bootstrap/render-calico";
import { variableGroups } from "../../../components/bootstrap/kubespray/render-wanted";
import { ENCAPSULATIONS } from "../../../components/network/config";
import type { Change } from "../../support/homelab";
import { python } from "./python";
import { argsOf } from "./sites";

/** As Kubespray's variables, Calico's IPPool, its backend and the MTU have each. */
const EXPECTED = {
  IPIP: ["Always", "Never", "bird", 1480],
  IPIPCrossSubnet: ["CrossSubnet", "Never", "bird", 1480],
  VXLAN: ["Never", "Always", "vxlan", 1450],
  VXLANCrossSubnet: ["Never", "CrossSubnet", "vxlan", 1450],
  None: ["Never", "Never", "bird", 1500],
} as const;

const chosen = (encapsulation: string): Change => [["network", "encapsulation"], encapsulation];

describe("the encapsulation of pods' packets", () => {
  it("is one choice for Calico by Kubespray and by its operator, and for the MTU", () => {
    assert.deepEqual(Object.keys(EXPECTED).sort(), Object.keys(ENCAPSULATIONS).sort());
    for (const [name, [ipip, vxlan, backend, mtu]] of Object.entries(EXPECTED)) {
      const { variables = {} } = variableGroups(argsOf("kubespray", {}, chosen(name))).calico ?? {};
      assert.deepEqual(
        ["ipip_mode", "vxlan_mode", "network_backend", "mtu", "veth_mtu"].map(
          (key) => variables[`calico_${key}`],
        ),
        [ipip, vxlan, backend, mtu, mtu],
        name,
      );
      const spec = JSON.stringify(renderCalicoSpec(argsOf("kubeadm", {}, chosen(name))));
      assert.match(
        spec,
        new RegExp(`"bgp":"${backend === "bird" ? "Enabled" : "Disabled"}"`),
        name,
      );
      assert.ok(spec.includes(`"encapsulation":"${name}"`) && spec.includes(`"mtu":${mtu}`), name);
    }
  });

  it("leaves an MTU that is configured as it is", () => {
    const args = argsOf("kubespray", {}, chosen("VXLAN"), [["network", "mtu"], 8900]);
    assert.equal(variableGroups(args).calico?.variables.calico_mtu, 8900);
  });

  it("is read back from a cluster by the pool that Calico has", () => {
    const pools = Object.values(EXPECTED).map(([ipipMode, vxlanMode]) => ({ ipipMode, vxlanMode }));
    assert.deepEqual(
      python("import observe\nanswer = [observe.encapsulation_of(pool) for pool in given]", pools),
      Object.keys(EXPECTED),
    );
  });
});
