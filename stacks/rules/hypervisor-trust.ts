import {
  fitsHost,
  isFor,
  listNames,
  parseCertificate,
} from "../../components/hypervisor/certificates";
import type { HypervisorConfig } from "../../components/hypervisor/config";
import type { Problem } from "../../components/shared/problem";

/** That each host's own certificate is for an address by which it is asked: every client looks at its names. */
export function hypervisorTrustRules(hypervisor: HypervisorConfig): Problem[] {
  const { endpoint, certificateAuthority, hosts } = hypervisor;
  const asked = new URL(endpoint).hostname;
  const pinned = Object.entries(hosts).flatMap(([name, { address, certificate: text }]) => {
    const certificate = text === undefined ? undefined : parseCertificate(text);
    return certificate === undefined ? [] : [{ name, address, certificate }];
  });
  const isCovered =
    certificateAuthority !== undefined ||
    pinned.some(({ certificate }) => isFor(certificate, asked));
  const names = pinned.flatMap(({ certificate }) => listNames(certificate));
  return [
    ...pinned
      .filter(({ address, certificate }) => !fitsHost(certificate, address, hypervisor))
      .map(({ name, address, certificate }) => ({
        path: `hypervisor.hosts.${name}.certificate`,
        found: `one for ${listNames(certificate).join(", ") || "no address"}`,
        accepted: `nothing, or a certificate for ${address}, or for ${asked} of hypervisor.endpoint. What the host has now, and what to do: npx vmstation trust --hypervisor ${name}`,
      })),
    ...(pinned.length === 0 || isCovered
      ? []
      : [
          {
            path: "hypervisor.endpoint",
            found: `${endpoint}, which no certificate under hypervisor.hosts is for`,
            accepted: `https:// with one of ${names.join(", ")}; or the certificate of the host that answers there: npx vmstation trust --hypervisor`,
          },
        ]),
  ];
}
