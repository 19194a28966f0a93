import { podsOf } from "../names";

export const NAMESPACE = "cert-manager";

/** What the chart names its pods. */
export const PODS = {
  controller: podsOf("cert-manager", "controller"),
  webhook: podsOf("webhook", "webhook"),
} as const;

export const METRICS_PORT = 9402;
export const WEBHOOK_PORT = 10_250;

/** The issuer of the certificate of all names. */
export const ISSUER = "home";
/** The certificate of all names, its Secret, and the Ingress that tells Traefik of it. */
export const CERTIFICATE = "all-names";
/** The private authority's own certificate. */
export const AUTHORITY = "private-authority";
/** Its Secret once the part is gone, in a namespace that no stack removes. */
export const KEPT_AUTHORITY = {
  namespace: "kube-system",
  name: "vmstation-private-authority",
} as const;
/** The Secret that holds Cloudflare's token, and its key. */
export const TOKEN = { name: "cloudflare-token", key: "token" } as const;
