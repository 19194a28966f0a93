import { readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import * as tls from "node:tls";

/** Where systems keep the authorities that they trust, as one file and as a folder of files. */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];
const FOLDERS = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/**
 * By what a connection of Node's knows the API's host: the configured certificates alone, else the authorities that this
 * computer trusts, as the provider does. The address must always be one that the certificate is for.
 */
export function trustOptions(
  certificates: string | undefined,
  env: NodeJS.ProcessEnv,
): { readonly ca: string[]; readonly allowPartialTrustChain: boolean } {
  if (certificates === undefined)
    return { ca: listAuthorities(env), allowPartialTrustChain: false };
  // A host's own certificate is trusted without the one that has signed it.
  return { ca: [certificates], allowPartialTrustChain: true };
}

/** Node itself knows only the public ones. */
function listAuthorities(env: NodeJS.ProcessEnv): string[] {
  const bundles = env.SSL_CERT_FILE === undefined ? BUNDLES : [env.SSL_CERT_FILE];
  const folders = (env.SSL_CERT_DIR ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "" && !FOLDERS.includes(folder));
  const own = env.NODE_EXTRA_CA_CERTS ?? "";
  const files = folders.flatMap((folder) => list(folder).map((name) => join(folder, name)));
  const bundle = bundles.map(read).find((text) => text !== undefined);
  const found = [bundle, read(own), ...files.map(read)];
  return [...tls.rootCertificates, ...found.flatMap((text) => (text === undefined ? [] : [text]))];
}

const UNTRUSTED: ReadonlySet<string> = new Set([
  ...["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"],
  ...["SELF_SIGNED_CERT_IN_CHAIN", "DEPTH_ZERO_SELF_SIGNED_CERT", "CERT_HAS_EXPIRED"],
]);

const PIN = "npx vmstation trust --hypervisor";

/** Why there was no answer, with what helps where nobody trusts the certificate. `certificates`: as trustOptions has them. */
export function describeFailure(error: Error, certificates: string | undefined): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (!UNTRUSTED.has(code)) return error.message;
  if (certificates === undefined)
    return (
      `${error.message}. Write hypervisor.certificateAuthority: /etc/pve/pve-root-ca.pem of any host. ` +
      `Or pin the hosts' own certificates: ${PIN}`
    );
  return (
    `${error.message}. The host shows another certificate than the configuration has. If it was renewed, compare it and ` +
    `pin the new one: ${PIN}`
  );
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The text of a file of certificates; one that is none would make the connection fail. */
function read(file: string): string | undefined {
  try {
    const text = readFileSync(file, "utf8");
    return text.includes("-----BEGIN CERTIFICATE-----") ? text : undefined;
  } catch {
    return undefined;
  }
}
