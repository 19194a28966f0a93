import { certificates } from "./certificates/certificates";
import { ingress } from "./ingress/ingress";
import { loadBalancer } from "./load-balancer/load-balancer";
import { names } from "./names/names";
import { storage } from "./storage/storage";
import { tailnet } from "./tailnet/tailnet";
import { tunnel } from "./tunnel/tunnel";

/** The parts by their keys under `vmstation:platform`, one line each. A part knows what those above it offer. */
export const registry = {
  storage,
  loadBalancer,
  certificates,
  ingress,
  names,
  tunnel,
  tailnet,
};
