import { podsOf } from "../names";

export const NAMESPACE = "traefik";
export const CLASS = "traefik";
/** What the chart names its pods, its Deployment and its Service. */
export const PODS = podsOf("traefik");

/** Ports of its pods. Below 1024 they would need a right that they do not have. */
export const PORTS = { web: 8000, websecure: 8443, tunnel: 8082, metrics: 9100 } as const;

/** The Service by which the tunnel's pods, and nobody else, reach it. */
export const TUNNEL_SERVICE = "traefik-tunnel";
/** The tunnel's own namespace. */
export const TUNNEL_NAMESPACE = "cloudflared";
