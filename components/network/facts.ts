import type { LayerFacts } from "../facts";

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
