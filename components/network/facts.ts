import type { LayerFacts } from "../shared/facts";

/** What this layer makes through Calico's own API server, as kubectl names it. */
export const calicoResources = [
  "hostendpoints.v3.projectcalico.org",
  "globalnetworkpolicies.v3.projectcalico.org",
] as const;

/** What seeing that pods reach each other asks of the control plane that does it. */
export function networkFacts(controller: string | undefined): LayerFacts {
  if (controller === undefined) return {};
  return {
    packages: [
      {
        machines: [controller],
        debian: ["iproute2", "iputils-ping", "python3"],
        rhel: ["iproute", "iputils", "python3"],
      },
    ],
  };
}
