import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { trustOptions } from "../../../components/hypervisor/proxmox/trust";

const PATIENCE = 10_000;

export interface ShownCertificate {
  readonly certificate: X509Certificate;
  /** Whether it is one of the given certificates, or signed by one, and is for that address. */
  readonly isTrusted: boolean;
}

/**
 * The certificate that a host shows; undefined where none does. Nothing is sent to it, no token either: who it is must
 * be known first.
 */
export function scanCertificate(
  endpoint: string,
  certificates: string | undefined,
  patience = PATIENCE,
): Promise<ShownCertificate | undefined> {
  const { hostname: host, port } = new URL(endpoint);
  const servername = isIP(host) === 0 ? host : "";
  const trust = trustOptions(certificates, process.env);
  return new Promise((resolve) => {
    const socket = connect(
      { host, port: Number(port || 443), servername, rejectUnauthorized: false, ...trust },
      () => {
        const certificate = socket.getPeerX509Certificate();
        socket.destroy();
        resolve(
          certificate === undefined ? undefined : { certificate, isTrusted: socket.authorized },
        );
      },
    );
    const end = (): void => {
      socket.destroy();
      resolve(undefined);
    };
    socket.setTimeout(patience, end);
    socket.on("error", end);
  });
}

/** As Proxmox and OpenSSL show it: 32 bytes in hexadecimal digits, with colons. */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256;
}

/** For a configuration file. */
export function renderPem(certificate: X509Certificate): string {
  return certificate.toString().trim();
}
