import { delimiter } from "node:path";
import { z } from "zod";

const stackFile = z.object({
  config: z.object({
    "vmstation:hypervisor": z.object({ certificateAuthority: z.string().trim() }),
  }),
});

/** The hypervisor's certificate authority in a stack's file, in PEM form; undefined where it has none. */
export function findAuthority(content: unknown): string | undefined {
  return stackFile.safeParse(content).data?.config["vmstation:hypervisor"].certificateAuthority;
}

/** Where Go's programs look by themselves on Linux: crypto/x509, root_linux.go. */
const OWN = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/** The value of SSL_CERT_DIR by which a program of Go trusts one more folder, beside those that it has. */
export function renderCertificateFolders(before: string | undefined, folder: string): string {
  const known = before === undefined || before === "" ? OWN : before.split(delimiter);
  return [...known, folder].join(delimiter);
}
