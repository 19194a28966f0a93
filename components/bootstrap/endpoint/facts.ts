import type { AddressUse, FirewallRule, PackageNeed } from "../../shared/facts";
import type { Members } from "../method";
import type { EndpointConfig } from "./config";

export function endpointAddress({ address }: EndpointConfig): AddressUse {
  return {
    path: "bootstrap.endpoint.address",
    ...{ from: address, to: address, written: address },
    user: "the API server",
    scope: "lan",
  };
}

/** The control planes tell each other that they hold the address. */
export function endpointFirewall({ controlPlanes }: Members): FirewallRule[] {
  const from: FirewallRule["from"] = ["machines"];
  return [{ machines: controlPlanes, purpose: "virtual address", protocol: "vrrp", from }];
}

export function endpointPackages({ controlPlanes }: Members): PackageNeed[] {
  const both = ["keepalived", "curl", "openssl"];
  return [
    { machines: controlPlanes, debian: [...both, "iputils-ping"], rhel: [...both, "iputils"] },
  ];
}
