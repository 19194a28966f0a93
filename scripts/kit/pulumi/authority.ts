import { delimiter, dirname } from "node:path";
import { z } from "zod";
import { pinnedCertificates, PROVIDER_TRUST } from "../../../components/hypervisor/certificates";

const stackFile = z.object({
  config: z.object({
    "vmstation:hypervisor": z.object({
      certificateAuthority: z.string().trim().optional(),
      hosts: z
        .record(z.string(), z.object({ certificate: z.string().trim().optional() }))
        .prefault({}),
    }),
  }),
});

/** The certificates in a stack's file by which the hypervisor's API is known, in PEM form; undefined where it has none. */
export function findCertificates(content: unknown): string | undefined {
  const { data } = stackFile.safeParse(content);
  return data === undefined ? undefined : pinnedCertificates(data.config["vmstation:hypervisor"]);
}

/** Where Go's programs look by themselves on Linux: crypto/x509, root_linux.go. */
const OWN = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/** The value of SSL_CERT_DIR by which a program of Go trusts one more folder, beside those that it has. */
export function renderCertificateFolders(before: string | undefined, folder: string): string {
  const known = before === undefined || before === "" ? OWN : before.split(delimiter);
  return [...known, folder].join(delimiter);
}

/**
 * The variables by which the provider alone trusts the certificates of `file`, whose folder has nothing else, and by which
 * every program of Go trusts them besides. A CLI before 3.220, and a provider in a state from before, know only the latter.
 */
export function renderTrust(env: NodeJS.ProcessEnv, file: string): NodeJS.ProcessEnv {
  const folder = dirname(file);
  const own = { SSL_CERT_FILE: file, SSL_CERT_DIR: folder };
  return {
    SSL_CERT_DIR: renderCertificateFolders(env.SSL_CERT_DIR, folder),
    ...Object.fromEntries(Object.entries(PROVIDER_TRUST).map(([ours, its]) => [ours, own[its]])),
  };
}
