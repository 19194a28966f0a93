import { X509Certificate } from "node:crypto";
import { isIPv4 } from "node:net";
import { z } from "zod";
import type { HypervisorConfig } from "./config";

const CERTIFICATE = "a certificate in PEM form, from -----BEGIN CERTIFICATE----- on";

/** One certificate in PEM form. */
export const pem = z
  .string(CERTIFICATE)
  .trim()
  .regex(/^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----$/, CERTIFICATE);

/** A host's own one, whose names are read. */
export const hostPem = pem.refine((text) => parseCertificate(text) !== undefined, CERTIFICATE);

/** Undefined for what is no certificate. */
export function parseCertificate(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}

interface Trusting extends Pick<HypervisorConfig, "certificateAuthority"> {
  readonly hosts: Readonly<Record<string, Pick<HypervisorConfig["hosts"][string], "certificate">>>;
}

/**
 * What the API's certificate must be, or be signed by, in PEM form, one after the other. Undefined where the authorities
 * count that each computer trusts.
 */
export function pinnedCertificates({ certificateAuthority, hosts }: Trusting): string | undefined {
  const own = Object.values(hosts).map(({ certificate }) => certificate);
  const all = [certificateAuthority, ...own].filter((each) => each !== undefined);
  return all.length === 0 ? undefined : [...new Set(all)].join("\n");
}

/**
 * Variables by which `vmstation` tells the provider what to trust, each with the one that its process gets of it: Go reads
 * a file and a folder. Other providers, and Pulumi itself, keep their own.
 */
export const PROVIDER_TRUST = {
  VMSTATION_PROXMOX_CERT_FILE: "SSL_CERT_FILE",
  VMSTATION_PROXMOX_CERT_DIR: "SSL_CERT_DIR",
} as const;

/** The addresses and names that a certificate is for. */
export function listNames(certificate: X509Certificate): string[] {
  const names = certificate.subjectAltName?.split(", ") ?? [];
  return names.map((name) => name.replace(/^(DNS|IP Address):/, ""));
}

/** Whether a certificate is for that address or name. Its common name does not count: Go's programs do not read it. */
export function isFor(certificate: X509Certificate, host: string): boolean {
  const found = isIPv4(host)
    ? certificate.checkIP(host)
    : certificate.checkHost(host, { subject: "never" });
  return found !== undefined;
}

/** Whether a host's own certificate is for one of the addresses by which it may be asked: its own, or the endpoint's. */
export function fitsHost(
  certificate: X509Certificate,
  address: string,
  { endpoint }: Pick<HypervisorConfig, "endpoint">,
): boolean {
  return [address, new URL(endpoint).hostname].some((asked) => isFor(certificate, asked));
}

/** Whether a host has a certificate of its own here that is for that address or name. */
export function isPinnedFor(text: string | undefined, host: string): boolean {
  const certificate = text === undefined ? undefined : parseCertificate(text);
  return certificate !== undefined && isFor(certificate, host);
}
