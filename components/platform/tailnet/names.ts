export const PATH = "platform.tailnet";
export const NAMESPACE = "tailnet";
export const NAME = "tailnet";
export const PODS = { "app.kubernetes.io/name": NAME };
/** The Secret with the key, and the one with the device's identity. */
export const AUTH = "tailnet-auth";
export const STATE = "tailnet-state";
export const HEALTH_PORT = 9002;
