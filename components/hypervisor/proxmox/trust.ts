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
 * The authorities by which the API's certificate is checked: the configured one alone, else those that this computer
 * trusts, as the provider does. Node itself knows only the public ones.
 */
export function trustedAuthorities(
  configured: string | undefined,
  env: NodeJS.ProcessEnv,
): string[] {
  if (configured !== undefined) return [configured];
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
  ...["SELF_SIGNED_CERT_IN_CHAIN", "DEPTH_ZERO_SELF_SIGNED_CERT"],
]);

/** Why there was no answer, with the key that helps where nobody trusts the certificate. */
export function describeFailure(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (!UNTRUSTED.has(code)) return error.message;
  return `${error.message}. Write hypervisor.certificateAuthority: /etc/pve/pve-root-ca.pem of any host`;
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
