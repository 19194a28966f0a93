import type { Machine } from "../../node/machine";
import { readScript, type Step, type StepFile } from "../../remote/step";
import { byName, type ClusterArgs } from "../args";
import type { ApiServerFiles } from "../method";
import type { EndpointConfig } from "./config";
import { renderKeepalived } from "./render-keepalived";

const LIBRARY = "/usr/local/lib/vmstation/endpoint";
const UNIT = "vmstation-endpoint.service";

const script = (file: string): string => readScript(__dirname, `files/${file}`);

function program(name: string): StepFile {
  return {
    path: `${LIBRARY}/${name}`,
    content: script(name),
    mode: "0755",
    validate: "shell",
  };
}

/** The control planes by name: those that may hold the address. */
export function holders(machines: readonly Machine[]): readonly Machine[] {
  return byName(machines.filter(({ roles }) => roles.includes("control-plane")));
}

/** One control plane: keepalived with a configuration of our own, and a certificate that has the address. */
export function endpointStep(
  { config, controller, machines }: ClusterArgs,
  endpoint: EndpointConfig,
  api: ApiServerFiles,
  machine: Machine,
): Step {
  const check = program("check-api.sh");
  const isFirst = machine.name === controller.name;
  const peers = holders(machines).filter(({ name }) => name !== machine.name);
  const { address } = endpoint;
  const nic = endpoint.interface ?? machine.nic;
  if (nic === undefined) throw new Error(`${machine.name} has no nic`);
  return {
    name: "bootstrap-endpoint",
    script: [script("certificate.sh"), script("endpoint.sh")].join("\n"),
    libraries: ["files", "units"],
    settings: {
      ADDRESS: address,
      NIC: nic,
      PORT: config.apiServerPort,
      FIRST: isFirst,
      PEERS: peers.map((peer) => peer.address),
      PKI: api.pki ?? "",
    },
    files: [
      check,
      {
        path: "/etc/vmstation/endpoint/keepalived.conf",
        content: renderKeepalived({
          address,
          interface: nic,
          machine,
          peers,
          check: [
            ...[check.path, address, String(config.apiServerPort), isFirst ? "first" : "other"],
            ...[api.cert, api.key, ...peers.map((peer) => peer.address)],
          ],
        }),
        validate: "keepalived",
      },
      { path: `/etc/systemd/system/${UNIT}`, content: script(UNIT) },
    ],
  };
}
