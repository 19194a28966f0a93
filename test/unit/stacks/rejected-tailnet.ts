import type { Change } from "../../support/homelab";
import type { Rejection } from "./rejection";

const tailnet = (part: object): Change => [
  ["platform"],
  { tailnet: { authSecret: "tailscaleKey", ...part } },
];
const PATH = "platform.tailnet";

/** Mistakes in the way home by a tailnet. */
export const REJECTED_TAILNET: readonly Rejection[] = [
  {
    name: "a tailnet that leads nowhere",
    changes: [tailnet({})],
    path: `${PATH}.routes`,
    found: /^no route, and neither ingress nor names/,
    accepted: /platform\.ingress, platform\.names, or routes/,
  },
  {
    name: "a tailnet's route outside of the home",
    changes: [tailnet({ routes: ["192.168.9.0/24"] })],
    path: `${PATH}.routes[0]`,
    found: /^192\.168\.9\.0\/24, which is not at home$/,
    accepted: /vmstation:lan\.cidr 192\.168\.8\.0\/24/,
  },
  {
    name: "a tailnet's route to everything",
    changes: [tailnet({ routes: ["0.0.0.0/0"] })],
    path: `${PATH}.routes[0]`,
    found: /0\.0\.0\.0\/0/,
    accepted: /networks at home.*no way out into the internet/,
  },
  {
    name: "a tailnet's route to Tailscale's own addresses",
    changes: [tailnet({ routes: ["100.64.3.0/24"] })],
    path: `${PATH}.routes[0]`,
    found: /overlaps 100\.64\.0\.0\/10/,
    accepted: /vmstation:lan\.cidr/,
  },
  {
    name: "a tailnet whose policy is to be managed",
    changes: [tailnet({ managePolicy: true, routes: ["192.168.8.63/32"] })],
    path: `${PATH}.managePolicy`,
    found: /true/,
    accepted: /the whole tailnet, and `up` shows the lines/,
  },
  {
    name: "a tailnet's tag without its prefix",
    changes: [tailnet({ tags: ["home"], routes: ["192.168.8.63/32"] })],
    path: `${PATH}.tags[0]`,
    found: /home/,
    accepted: /tag:vmstation/,
  },
];
