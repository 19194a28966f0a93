import type { WaySettings } from "./way";

/** A virtual machine, by the API of Proxmox VE, after its host where that sleeps too. */
export const proxmox: WaySettings = {
  packages: [],
  secretOf({ name, hosted }) {
    if (hosted === undefined) return undefined;
    return {
      path: "hypervisor.powerTokenSecret",
      name: hosted.tokenSecret,
      leftOut: `${name} cannot be woken`,
    };
  },
  settingsFor({ hosted }, secretFile) {
    if (hosted === undefined) return undefined;
    const { id, host, endpoints, certificates, hosts, storage } = hosted;
    // By the key's first name: an update that was cut may leave the controller's program and this of two versions.
    const access = { endpoints, certificateAuthority: certificates, tokenFile: secretFile };
    return { id, host, hosts, storage, ...access };
  },
};
