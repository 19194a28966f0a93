import { z } from "zod";
import type { SshLogin } from "../../../components/remote/ssh-options";
import { loginSettings } from "../../../components/remote/ssh-settings";
import { SECRET_TEXT } from "../../engine/inspect";

/** What a machine's steps connect with. */
export const connectionSchema = z.object({
  host: z.string(),
  port: z.number().prefault(22),
  user: z.string(),
  /** Public key, "ssh-ed25519 AAAA…". */
  hostKey: z.string().optional(),
  /** In OpenSSH's format. What stands for one that the stack's file encrypts is none. */
  privateKey: z
    .string()
    .optional()
    .catch(undefined)
    .transform((key) => (key === SECRET_TEXT ? undefined : key)),
  /** Seconds. */
  perDialTimeout: z.number().prefault(15),
});

export type Connection = z.infer<typeof connectionSchema>;

/** A machine, and what SSH connects to it with; undefined where that is not known. */
export interface SshHost {
  readonly machine: { readonly name: string };
  readonly connection: Connection | undefined;
}

/** The connection as OpenSSH's client is told of it. */
export function renderLogin(
  machine: string,
  { host, port, user, perDialTimeout }: Connection,
  files: Pick<SshLogin, "knownHosts" | "identity">,
): SshLogin {
  const own = loginSettings({ name: machine, address: host });
  return { machine, host, port, user, connectTimeout: perDialTimeout, ...files, ...own };
}
