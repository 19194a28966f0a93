import { hypervisorSchema } from "../../../../components/hypervisor/config";
import { readOptional } from "../../../kit/stack-file/project";
import { ProxmoxApi } from "../../../kit/proxmox/api";
import { askHidden } from "../../../kit/terminal/ask-hidden";
import { UserError } from "../../../kit/user-error";

/** As the Proxmox provider calls it. */
export const TOKEN_VARIABLE = "PROXMOX_VE_API_TOKEN";

const TOKEN = /^[^@\s]+@[^@!\s]+![^=\s]+=\S+$/;
const FORM = "USER@REALM!NAME=UUID";

export interface ConnectArgs {
  readonly endpoint: string;
  /** A file with the authority's certificate; undefined where this computer trusts it anyway. */
  readonly authorityFile: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Whether somebody is there to type the token. */
  readonly isTerminal: boolean;
}

/** Proxmox's API for a look at its machines. The token is neither shown nor kept, and is no argument, which others see. */
export async function connect(args: ConnectArgs): Promise<ProxmoxApi> {
  const { endpoint, authorityFile } = args;
  const address = hypervisorSchema.shape.endpoint.safeParse(endpoint);
  if (!address.success)
    throw new UserError(`--proxmox ${endpoint}: ${address.error.issues[0]?.message ?? ""}.`);
  const certificateAuthority =
    authorityFile === undefined ? undefined : readAuthority(authorityFile);
  return new ProxmoxApi({ endpoint, certificateAuthority, token: await readToken(args) });
}

function readAuthority(file: string): string {
  const text = readOptional(file);
  const parsed = hypervisorSchema.shape.certificateAuthority.safeParse(text);
  if (parsed.success && parsed.data !== undefined) return parsed.data;
  throw new UserError(
    `--proxmox-ca ${file}: it must be a file with a certificate, /etc/pve/pve-root-ca.pem of any host.`,
  );
}

async function readToken({ env, isTerminal }: ConnectArgs): Promise<string> {
  const given = env[TOKEN_VARIABLE];
  if (given === undefined && !isTerminal)
    throw new UserError(
      `--proxmox needs the API token: set ${TOKEN_VARIABLE} to ${FORM}, or run init at a terminal, which asks for it.`,
    );
  const token = given ?? (await askHidden(`Token for Proxmox's API, ${FORM} (not shown): `));
  if (token === undefined) throw new UserError("Nothing was written.");
  if (!TOKEN.test(token.trim())) throw new UserError(`The API token must be of the form ${FORM}.`);
  return token.trim();
}
