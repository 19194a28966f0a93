import { renderYaml } from "../../shared/yaml";
import { NAMESPACE as INGRESS_NAMESPACE, TUNNEL_SERVICE } from "../ingress/names";

/** Where its files are in the pod. */
export const FILES = { config: "/etc/cloudflared", secret: "/etc/cloudflared-secret" } as const;

export const CREDENTIALS = "credentials.json";

interface IngressRule {
  readonly hostname?: string;
  readonly service: string;
}

/** What cloudflared does with each name: the ingress has it, and any other name is not found. */
export interface TunnelFile {
  readonly tunnel: string;
  readonly "credentials-file": string;
  readonly ingress: readonly IngressRule[];
}

export function renderTunnel(tunnel: string, names: readonly string[]): TunnelFile {
  const service = `http://${TUNNEL_SERVICE}.${INGRESS_NAMESPACE}.svc:80`;
  return {
    tunnel,
    "credentials-file": `${FILES.secret}/${CREDENTIALS}`,
    ingress: [
      ...names.map((hostname) => ({ hostname, service })),
      // cloudflared does not start without a rule for all other names.
      { service: "http_status:404" },
    ],
  };
}

export function renderTunnelFile(tunnel: string, names: readonly string[]): string {
  return renderYaml(renderTunnel(tunnel, names));
}

/** What opens the tunnel from this side. `secret` is in base64. */
export function renderCredentials(account: string, tunnel: string, secret: string): string {
  return JSON.stringify({ AccountTag: account, TunnelSecret: secret, TunnelID: tunnel });
}
