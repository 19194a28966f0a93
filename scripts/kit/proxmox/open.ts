import { pinnedCertificates } from "../../../components/hypervisor/certificates";
import { readSecret } from "../pulumi/read-secret";
import type { Operator } from "../ssh/operator";
import { UserError } from "../user-error";
import { ProxmoxApi } from "./api";

/** The API by the stack's own token. */
export async function openProxmox(
  { project, stack, site }: Pick<Operator, "project" | "stack" | "site">,
  configFile: string | undefined,
): Promise<ProxmoxApi> {
  const { hypervisor } = site.config;
  if (hypervisor === undefined) throw new UserError(`The stack ${stack} has no hypervisor.`);
  const token = await readSecret(hypervisor.tokenSecret, { project, stack, configFile });
  const { endpoint } = hypervisor;
  return new ProxmoxApi({ endpoint, certificates: pinnedCertificates(hypervisor), token });
}
