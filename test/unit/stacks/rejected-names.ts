import type { Change } from "../../support/homelab";
import { LOAD_BALANCER } from "../platform/sites";
import type { Rejection } from "./rejection";

const DOMAIN: Change = [["lan", "domain"], "home.arpa"];
const names = (part: object, rest: object = { loadBalancer: LOAD_BALANCER }): Change => [
  ["platform"],
  { ...rest, names: { address: "192.168.8.231", ...part } },
];
const PATH = "platform.names";

/** Mistakes in names on the LAN. */
export const REJECTED_NAMES: readonly Rejection[] = [
  {
    name: "a DNS server outside of the pool",
    changes: [names({ address: "192.168.8.240" }), DOMAIN],
    path: `${PATH}.address`,
    found: /^192\.168\.8\.240$/,
    accepted: /an address of vmstation:platform\.loadBalancer\.addresses \(192\.168\.8\.230-/,
  },
  {
    name: "a DNS server without a load balancer",
    changes: [names({}, {}), DOMAIN],
    path: `${PATH}.address`,
    found: /^192\.168\.8\.231$/,
    accepted: /loadBalancer\.addresses, which is not there/,
  },
  {
    name: "a DNS server on the ingress' address",
    changes: [
      names({}, { loadBalancer: LOAD_BALANCER, ingress: { address: "192.168.8.231" } }),
      DOMAIN,
    ],
    path: `${PATH}.address`,
    found: /which vmstation:platform\.ingress\.address has too/,
    accepted: /nothing else has/,
  },
  {
    name: "names below a domain that is asked by multicast",
    changes: [names({}), [["lan", "domain"], "vmstation.local"]],
    path: "lan.domain",
    found: /^vmstation\.local: names below \.local are asked by multicast/,
    accepted: /home\.arpa/,
  },
  {
    name: "a record with the name of a machine and another address",
    changes: [names({ records: { maple: "192.168.8.99" } }), DOMAIN],
    path: `${PATH}.records.maple`,
    found: /which vmstation:machines\.maple has with 192\.168\.8\.63$/,
    accepted: /another name/,
  },
  {
    name: "a name behind the ingress that is a machine's",
    changes: [
      names({}, { loadBalancer: LOAD_BALANCER, ingress: { address: "192.168.8.230" } }),
      DOMAIN,
      [["monitoring", "grafana", "host"], "maple"],
    ],
    path: "monitoring.grafana.host",
    found:
      /^maple\.home\.arpa, which is the name of vmstation:machines\.maple \(192\.168\.8\.63\)$/,
    accepted: /no machine and no record/,
  },
];
