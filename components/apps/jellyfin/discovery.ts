import type { FirewallRule } from "../../shared/facts";
import { readScript, type Step } from "../../remote/step";
import { addressOf } from "../frame/address";
import type { AppSite } from "../frame/app";
import type { JellyfinConfig } from "./jellyfin";

/** Where Jellyfin's clients look for a server, by broadcast (https://jellyfin.org/docs, "Networking"). */
const DISCOVERY_PORT = 7359;

const PROGRAM = "/usr/local/lib/vmstation/jellyfin-discovery.py";

export interface Discovery {
  readonly machine: string;
  readonly step: Step;
  readonly firewall: FirewallRule;
}

/** What answers Jellyfin's clients on the LAN; undefined where it is not wanted or there is no control plane. */
export function planDiscovery(config: JellyfinConfig, site: AppSite): Discovery | undefined {
  const machine = site.controller?.name;
  const address = addressOf(config.machine, site);
  if (!config.discovery || machine === undefined || address === undefined) return undefined;
  return {
    machine,
    step: renderDiscoveryStep(config.name, `http://${address}:${config.nodePort}`),
    firewall: {
      machines: [machine],
      purpose: "Jellyfin, clients that look for it",
      protocol: "udp",
      ports: [DISCOVERY_PORT],
      from: ["lan"],
    },
  };
}

/** The program and its unit, which runs as a user of its own with no right but this socket. */
export function renderDiscoveryStep(name: string, url: string): Step {
  return {
    name: "jellyfin-discovery",
    script: readScript(__dirname, "files/jellyfin-discovery.sh"),
    libraries: ["files", "units"],
    files: [
      {
        path: PROGRAM,
        content: readScript(__dirname, "files/jellyfin-discovery.py"),
        validate: "python",
      },
      {
        path: "/etc/systemd/system/vmstation-jellyfin-discovery.service",
        content: renderUnit(name, url),
      },
    ],
  };
}

/** systemd expands no % or $ here: neither can be in a name or an address (see the schema). */
function renderUnit(name: string, url: string): string {
  return [
    "[Unit]",
    "Description=Answers Jellyfin's clients that look for a server",
    "Wants=network-online.target",
    "After=network-online.target",
    "",
    "[Service]",
    `ExecStart=/usr/bin/python3 -B ${PROGRAM} "${name}" ${url}`,
    "DynamicUser=yes",
    "Restart=always",
    "RestartSec=5",
    "CapabilityBoundingSet=",
    "NoNewPrivileges=yes",
    "PrivateDevices=yes",
    "ProtectHome=yes",
    "ProtectSystem=strict",
    "RestrictAddressFamilies=AF_INET",
    "MemoryMax=64M",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
}
