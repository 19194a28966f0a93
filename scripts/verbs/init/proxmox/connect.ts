import { pem } from "../../../../components/hypervisor/certificates";
import { hypervisorSchema } from "../../../../components/hypervisor/config";
import { confirmCertificates } from "../../../kit/host-keys/compare";
import { readOptional } from "../../../kit/stack-file/project";
import { ProxmoxApi } from "../../../kit/proxmox/api";
import { fingerprintOf, renderPem, scanCertificate } from "../../../kit/proxmox/scan-certificate";
import { askHidden } from "../../../kit/terminal/ask-hidden";
import { UserError } from "../../../kit/user-error";

/** As the Proxmox provider calls it. */
export const TOKEN_VARIABLE = "PROXMOX_VE_API_TOKEN";

const TOKEN = /^[^@\s]+@[^@!\s]+![^=\s]+=\S+$/;
const FORM = "USER@REALM!NAME=UUID";

export interface ConnectArgs {
  readonly endpoint: string;
  /** With the certificate of the authority, or of the host; undefined where this computer trusts it anyway. */
  readonly file: string | undefined;
  /** Of the host's certificate, in place of a file. */
  readonly fingerprint: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Whether somebody is there to type the token. */
  readonly isTerminal: boolean;
}

/** Proxmox's API for a look at its machines. The token is neither shown nor kept, and is no argument, which others see. */
export async function connect(args: ConnectArgs): Promise<ProxmoxApi> {
  const { endpoint, file } = args;
  const address = hypervisorSchema.shape.endpoint.safeParse(endpoint);
  if (!address.success)
    throw new UserError(`--proxmox ${endpoint}: ${address.error.issues[0]?.message ?? ""}.`);
  const given = file === undefined ? undefined : readCertificate(file);
  const token = await readToken(args);
  const certificates = given ?? (await findCertificate(endpoint, args));
  return new ProxmoxApi({ endpoint, certificates, token });
}

function readCertificate(file: string): string {
  const parsed = pem.safeParse(readOptional(file));
  if (parsed.success) return parsed.data;
  throw new UserError(
    `--proxmox-ca ${file}: it must be a file with a certificate, /etc/pve/pve-root-ca.pem of any host.`,
  );
}

const FINGERPRINT = /^[0-9A-F]{64}$/;

/** The host's own certificate, once a person has compared it; undefined where this computer trusts it anyway. */
async function findCertificate(
  endpoint: string,
  { fingerprint, isTerminal }: ConnectArgs,
): Promise<string | undefined> {
  const given = fingerprint?.replaceAll(":", "").toUpperCase();
  if (given !== undefined && !FINGERPRINT.test(given))
    throw new UserError(
      "--proxmox-fingerprint must be 64 hexadecimal digits, with or without colons.",
    );
  const shown = await scanCertificate(endpoint, undefined);
  // Why there is none is told by the first question to the API.
  if (shown === undefined || (given === undefined && shown.isTrusted)) return undefined;
  const found = fingerprintOf(shown.certificate);
  const isRight =
    given === undefined
      ? isTerminal && (await confirmCertificates(`${endpoint} shows ${found}. Is it the same?`))
      : given === found.replaceAll(":", "");
  if (isRight) return renderPem(shown.certificate);
  throw new UserError(renderUntrusted(endpoint, found, given !== undefined));
}

function renderUntrusted(endpoint: string, found: string, isGiven: boolean): string {
  const shows = `${endpoint} shows a certificate with the fingerprint ${found}`;
  return isGiven
    ? `${shows}, and --proxmox-fingerprint is another one. Was it renewed? Nothing was sent there.`
    : `${shows}, which this computer does not trust. Nothing was sent there. If Proxmox shows the same (the host, System, Certificates), add: --proxmox-fingerprint ${found}`;
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
