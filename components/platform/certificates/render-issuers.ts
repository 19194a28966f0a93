import type { Domains } from "../../shared/hosts";
import { DIRECTORIES, type CertificatesConfig } from "./config";
import { AUTHORITY, CERTIFICATE, ISSUER, NAMESPACE, TOKEN } from "./names";

const API = "cert-manager.io/v1";

/** An object of cert-manager's, before it is a resource. */
export interface CertificateObject {
  readonly apiVersion: string;
  readonly kind: "ClusterIssuer" | "Certificate";
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: object;
}

/** The issuer, after what it stands on. */
export function renderIssuers(
  config: Pick<CertificatesConfig, "issuer" | "email">,
  zones: readonly string[],
): CertificateObject[] {
  const { issuer } = config;
  if (issuer === "private") return renderAuthority();
  return [
    {
      apiVersion: API,
      kind: "ClusterIssuer",
      metadata: { name: ISSUER },
      spec: {
        acme: {
          server: DIRECTORIES[issuer],
          email: config.email,
          // Each directory knows accounts of its own.
          privateKeySecretRef: { name: `${issuer}-account` },
          solvers: [
            {
              dns01: { cloudflare: { apiTokenSecretRef: { ...TOKEN } } },
              selector: { dnsZones: [...zones] },
            },
          ],
        },
      },
    },
  ];
}

/** It signs itself, lasts ten years, and signs the certificate of all names. */
function renderAuthority(): CertificateObject[] {
  return [
    {
      apiVersion: API,
      kind: "ClusterIssuer",
      metadata: { name: `${AUTHORITY}-root` },
      spec: { selfSigned: {} },
    },
    {
      apiVersion: API,
      kind: "Certificate",
      metadata: { name: AUTHORITY, namespace: NAMESPACE },
      spec: {
        isCA: true,
        commonName: "VMStation private authority",
        secretName: AUTHORITY,
        duration: "87600h0m0s",
        // A new key would have to be carried to every device again.
        privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Never" },
        issuerRef: { name: `${AUTHORITY}-root`, kind: "ClusterIssuer", group: "cert-manager.io" },
      },
    },
    {
      apiVersion: API,
      kind: "ClusterIssuer",
      metadata: { name: ISSUER },
      spec: { ca: { secretName: AUTHORITY } },
    },
  ];
}

/** The certificate of all names: wildcards, so that no log of certificates tells the names of what is at home. */
export function renderCertificate(domains: Domains, namespace: string): CertificateObject {
  return {
    apiVersion: API,
    kind: "Certificate",
    metadata: { name: CERTIFICATE, namespace },
    spec: {
      secretName: CERTIFICATE,
      dnsNames: namesOf(domains),
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
      issuerRef: { name: ISSUER, kind: "ClusterIssuer", group: "cert-manager.io" },
    },
  };
}

/** A wildcard stands for one label, so the domain itself is named beside it. */
export function namesOf({ domain, internalDomain }: Domains): string[] {
  const domains = domain === undefined ? [internalDomain] : [internalDomain, domain];
  return [...new Set(domains)].flatMap((each) => [each, `*.${each}`]);
}
