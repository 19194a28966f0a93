import { onMachines } from "../place";
import { NAMESPACE } from "./names";

const API = "metallb.io/v1beta1";

/** The pool's name, by which Services may ask for it. */
export const POOL = "home";

/** What of a machine says where it answers. */
export interface Announcer {
  readonly name: string;
  readonly nic: string;
}

export function renderPool(addresses: readonly string[]) {
  return {
    apiVersion: API,
    kind: "IPAddressPool",
    metadata: { name: POOL, namespace: NAMESPACE },
    // The first and the last address of a network are usual addresses here: overlaps are refused with the configuration.
    spec: { addresses: [...addresses], autoAssign: true, avoidBuggyIPs: false },
  };
}

/**
 * One for each name of a NIC: where another NIC of a machine has the name that the LAN's NIC has elsewhere, the machine
 * would answer in the wrong network.
 */
export function renderAdvertisements(announcers: readonly Announcer[]) {
  const nics = [...new Set(announcers.map(({ nic }) => nic))].sort();
  return nics.map((nic) => {
    const names = announcers.filter((each) => each.nic === nic).map(({ name }) => name);
    return {
      apiVersion: API,
      kind: "L2Advertisement",
      metadata: { name: objectName(nic), namespace: NAMESPACE },
      spec: {
        ipAddressPools: [POOL],
        interfaces: [nic],
        nodeSelectors: [{ matchExpressions: [onMachines(names)] }],
      },
    };
  });
}

/** "home-enp3s0"; Linux allows characters in a NIC's name that an object's name may not have. */
function objectName(nic: string): string {
  const plain = nic.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return `${POOL}-${plain}`.replace(/-+$/, "");
}
