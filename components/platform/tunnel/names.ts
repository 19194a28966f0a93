import { TUNNEL_NAMESPACE } from "../ingress/names";

export const PATH = "platform.tunnel";
export const NAMESPACE = TUNNEL_NAMESPACE;
export const NAME = "cloudflared";
export const PODS = { "app.kubernetes.io/name": NAME };
export const METRICS_PORT = 2000;
/** Of Cloudflare's servers: QUIC by UDP, else HTTP/2 by TCP. */
export const EDGE_PORT = 7844;
