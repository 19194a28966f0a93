import type { Problem } from "../../shared/problem";
import type { CommonConfig } from "../common-config";
import { methodOf } from "../methods";
import type { MethodSite } from "../method";

const PATH = "bootstrap.endpoint";

/** That there is somebody to move the address to, that nobody else has it, and that nothing else does the same. */
export function endpointProblems(config: CommonConfig, site: MethodSite): Problem[] {
  if (config.endpoint === undefined) return [];
  const { address } = config.endpoint;
  return [...tooFew(address, site), ...withoutNic(config, site), ...second(config, address)];
}

function tooFew(address: string, { machines }: MethodSite): Problem[] {
  const planes = machines.filter(({ roles }) => roles.includes("control-plane"));
  if (planes.length >= 2) return [];
  return [
    {
      path: PATH,
      found: `${address}, with ${planes.length} control plane${planes.length === 1 ? "" : "s"}`,
      accepted: "two control planes or more, among which it moves; or no such key",
    },
  ];
}

/** keepalived takes an interface by its name alone. */
function withoutNic({ endpoint }: CommonConfig, { machines }: MethodSite): Problem[] {
  if (endpoint?.interface !== undefined) return [];
  return machines
    .filter(({ roles, nic }) => roles.includes("control-plane") && nic === undefined)
    .map(({ name }) => ({
      path: `machines.${name}.nic`,
      found: "nothing, on a control plane that may hold vmstation:bootstrap.endpoint.address",
      accepted:
        "the name of its network interface, such as enp2s0; or bootstrap.endpoint.interface where all have the same",
    }));
}

function second(config: CommonConfig, address: string): Problem[] {
  const method = methodOf(config);
  const other = method.virtualAddress(config);
  if (method.endpoint === undefined) {
    return [
      {
        path: PATH,
        found: `${address}, with bootstrap.method ${method.name}`,
        accepted: "no such key: the method has no virtual address",
      },
    ];
  }
  if (other === undefined) return [];
  return [
    {
      path: PATH,
      found: `${address}, beside bootstrap.variables.kube_vip_enabled, which makes ${other} such an address too`,
      accepted:
        "one of the two: take kube_vip_enabled and kube_vip_address out of bootstrap.variables, or leave this key out",
    },
  ];
}
