import {
  fitsHost,
  parseCertificate,
  pinnedCertificates,
} from "../../../components/hypervisor/certificates";
import {
  fingerprintOf,
  renderPem,
  scanCertificate,
  type ShownCertificate,
} from "../../kit/proxmox/scan-certificate";
import type { PinnedHost, StackFile } from "./stack-file";

/** What a host of the hypervisor shows, beside what is pinned. */
export interface HostFinding extends Pick<PinnedHost, "name"> {
  readonly endpoint: string;
  /** Fingerprints. */
  readonly pinned: string | undefined;
  readonly shown: ShownCertificate | undefined;
  /**
   * Whether what it shows is trusted already: by hypervisor.certificateAuthority, or where there is none by this computer.
   * Then nothing has to be pinned, and a renewed one is known as well.
   */
  readonly isSigned: boolean;
  /** Whether what it shows is for the host's address, or for the endpoint's. What is not cannot be pinned. */
  readonly fits: boolean;
  readonly address: string;
}

const PORT = 8006;

/** Asks each host of these names for its certificate, side by side. */
export function scanHosts(file: StackFile, names: readonly string[]): Promise<HostFinding[]> {
  const { endpoint, certificateAuthority } = file.hypervisor;
  const { hostname, origin } = new URL(endpoint);
  return Promise.all(
    file.hosts(names).map(async ({ name, address, certificate }): Promise<HostFinding> => {
      const asked = address === hostname ? origin : `https://${address}:${PORT}`;
      const shown = await scanCertificate(
        asked,
        pinnedCertificates({ certificateAuthority, hosts: {} }),
      );
      const pinned = certificate === undefined ? undefined : parseCertificate(certificate);
      return {
        ...{ name, address, endpoint: asked, shown },
        fits: shown === undefined || fitsHost(shown.certificate, address, { endpoint }),
        pinned: pinned === undefined ? undefined : fingerprintOf(pinned),
        isSigned: shown?.isTrusted === true,
      };
    }),
  );
}

/** Those whose certificate a person has to compare. */
export function listOpen(findings: readonly HostFinding[]): HostFinding[] {
  return findings.filter(
    ({ pinned, shown, isSigned, fits }) =>
      shown !== undefined &&
      // Every client looks at the names, and the configuration would be refused.
      fits &&
      fingerprintOf(shown.certificate) !== pinned &&
      // One that is pinned beside its authority is kept up to date as well.
      (!isSigned || pinned !== undefined),
  );
}

/** Whether a host shows nothing, or something that would have to be pinned and cannot be. */
export function isUnsettled({ pinned, shown, isSigned, fits }: HostFinding): boolean {
  return shown === undefined || (!fits && (!isSigned || pinned !== undefined));
}

export function pinCertificates(file: StackFile, findings: readonly HostFinding[]): void {
  for (const { name, shown } of findings)
    if (shown !== undefined) file.pinCertificate(name, renderPem(shown.certificate));
  file.write();
}
