import { readScript } from "../remote/step";
import type { NodeContext, NodeStep } from "./context";

/** /etc/hosts: each machine by its full and its short name. */
export function renderHosts(context: Pick<NodeContext, "machines" | "lan">): string[] {
  return [...context.machines]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((m) => `${m.address} ${m.name}.${context.lan.domain} ${m.name}`);
}

/** Host name, names of the peers, time zone. */
export const identityStep: NodeStep = (machine, context) => ({
  name: "identity",
  script: readScript(__dirname, "files/identity.sh"),
  libraries: ["files"],
  settings: {
    HOST_NAME: machine.name,
    HOSTS: renderHosts(context),
    TIME_ZONE: context.lan.timeZone,
  },
});
