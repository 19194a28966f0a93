import * as ipaddr from "ipaddr.js";
import { z } from "zod";
import { contains } from "../../shared/addresses";
import { ipv4 } from "../../shared/scalars";
import { renderFound, type Problem } from "../../shared/problem";
import type { MethodSite } from "../method";
import type { KubesprayConfig } from "./config";
import { insteadOf } from "./owned-variables";

/** No variable of Kubespray contradicts other layers, and its add-ons have what they need. */
export function kubesprayProblems(config: KubesprayConfig, site: MethodSite): Problem[] {
  return [
    ...longNames(site),
    ...ownedVariables(config),
    ...wrongVirtualAddress(config, site),
    ...secondBalancer(config),
    ...addressPools(config, site),
    ...registryStorage(config),
    ...ownDetection(config, site),
  ];
}

const pathOf = (variable: string): string => `bootstrap.variables.${variable}`;

function ownedVariables({ variables }: KubesprayConfig): Problem[] {
  return Object.entries(variables).flatMap(([variable, value]) => {
    const accepted = insteadOf(variable);
    if (accepted === undefined) return [];
    return [{ path: pathOf(variable), found: renderFound(value), accepted }];
  });
}

/** What has an address on the LAN already, by the key that says so. */
function usedAddresses(
  { lan, machines }: MethodSite,
  endpoint: KubesprayConfig["endpoint"],
): Map<string, string> {
  return new Map([
    ...(endpoint === undefined
      ? []
      : [[endpoint.address, "bootstrap.endpoint.address"] satisfies [string, string]]),
    [lan.gateway, "lan.gateway"],
    [lan.broadcast, "lan.broadcast"],
    ...machines.map((m): [string, string] => [m.address, `machines.${m.name}.address`]),
    ...machines.flatMap((m): [string, string][] =>
      m.bmc === undefined ? [] : [[m.bmc.address, `machines.${m.name}.bmc.address`]],
    ),
  ]);
}

/** The address that kube-vip gives to one control plane after the other. */
export function virtualAddress({ variables }: KubesprayConfig): string | undefined {
  if (variables.kube_vip_enabled !== true) return undefined;
  return ipv4.safeParse(variables.kube_vip_address).data;
}

function wrongVirtualAddress(
  { variables, endpoint }: KubesprayConfig,
  site: MethodSite,
): Problem[] {
  if (variables.kube_vip_enabled !== true) return [];
  const { cidr } = site.lan;
  const address = ipv4.safeParse(variables.kube_vip_address).data;
  const user = address === undefined ? undefined : usedAddresses(site, endpoint).get(address);
  if (address !== undefined && user === undefined && contains(cidr, address)) return [];
  return [
    {
      path: pathOf("kube_vip_address"),
      found: `${renderFound(variables.kube_vip_address)}${user === undefined ? "" : `, which vmstation:${user} has`}, with kube_vip_enabled`,
      accepted: `a free address in vmstation:lan.cidr ${cidr}, which kube-vip gives to one control plane after the other`,
    },
  ];
}

/** Somebody's own balancer, beside the address that says the same. */
function secondBalancer({ endpoint, variables }: KubesprayConfig): Problem[] {
  return ["loadbalancer_apiserver", "loadbalancer_apiserver_localhost"]
    .filter((variable) => endpoint !== undefined && Object.hasOwn(variables, variable))
    .map((variable) => ({
      path: pathOf(variable),
      found: `${renderFound(variables[variable])}, beside vmstation:bootstrap.endpoint`,
      accepted: "no such variable: the endpoint's address is what machines reach the API server by",
    }));
}

/** Without it Calico takes the Node's address, which is the one that the machines have for each other. */
function ownDetection({ variables }: KubesprayConfig, { machines }: MethodSite): Problem[] {
  const variable = "calico_ip_auto_method";
  const first = machines.find(({ clusterAddress }) => clusterAddress !== undefined);
  if (first === undefined || !Object.hasOwn(variables, variable)) return [];
  return [
    {
      path: pathOf(variable),
      found: `${renderFound(variables[variable])}, with machines.${first.name}.clusterAddress`,
      accepted: "no such variable: Calico takes clusterAddress, which the Node has",
    },
  ];
}

const poolsSchema = z.looseObject({
  address_pools: z
    .record(z.string(), z.looseObject({ ip_range: z.array(z.string()).min(1) }))
    .refine((pools) => Object.keys(pools).length > 0),
  layer2: z.array(z.string()).optional(),
  layer3: z.unknown().optional(),
});

/** Without a pool that is announced no Service of type LoadBalancer ever gets an address. */
function addressPools(
  { addons, variables, endpoint }: KubesprayConfig,
  site: MethodSite,
): Problem[] {
  if (!addons.metallb) return [];
  const path = pathOf("metallb_config");
  const parsed = poolsSchema.safeParse(variables.metallb_config);
  const announced = parsed.data?.layer2 ?? [];
  const known = Object.keys(parsed.data?.address_pools ?? {});
  const isAnnounced = parsed.data?.layer3 !== undefined || announced.some((p) => known.includes(p));
  if (!parsed.success || !isAnnounced || announced.some((pool) => !known.includes(pool))) {
    const end = addressesEnd(site);
    const example = `{ address_pools: { home: { ip_range: [${end}] } }, layer2: [home] }`;
    return [
      {
        path,
        found: `${renderFound(variables.metallb_config)}, with vmstation:bootstrap.addons.metallb`,
        accepted: `a pool of free addresses of the LAN, and who announces it: ${example}`,
      },
    ];
  }
  return Object.entries(parsed.data.address_pools).flatMap(([pool, { ip_range }]) =>
    ip_range.flatMap((range) => wrongRange(range, announced.includes(pool), site, path, endpoint)),
  );
}

/** Four addresses at the end of the LAN, as an example of a pool. */
function addressesEnd({ lan }: MethodSite): string {
  const last = toNumber(ipaddr.IPv4.broadcastAddressFromCIDR(lan.cidr).toString());
  return `${toAddress(last - 14)}-${toAddress(last - 5)}`;
}

function wrongRange(
  range: string,
  onLan: boolean,
  site: MethodSite,
  path: string,
  endpoint: KubesprayConfig["endpoint"],
): Problem[] {
  const { cidr } = site.lan;
  const problem = (found: string): Problem[] => [
    {
      path,
      found: `${range}${found}`,
      accepted: `free addresses in vmstation:lan.cidr ${cidr}, such as ${addressesEnd(site)} or a network such as 192.168.1.192/28`,
    },
  ];
  const ends = parseRange(range);
  if (ends === undefined) return problem(", which is no range of addresses");
  const [first, last] = ends;
  if (onLan && ![first, last].every((end) => contains(cidr, toAddress(end)))) {
    return problem(", which is not in the LAN, where nobody would look for it");
  }
  const taken = [...usedAddresses(site, endpoint)].find(([address]) => {
    const number = toNumber(address);
    return number >= first && number <= last;
  });
  return taken === undefined ? [] : problem(`, which holds ${taken[0]} of vmstation:${taken[1]}`);
}

/** "A-B" or "A/BITS", as MetalLB reads it; first and last address as numbers. */
function parseRange(range: string): [number, number] | undefined {
  const [from = "", to = ""] = range.split("-").map((end) => end.trim());
  if (ipv4.safeParse(from).success && ipv4.safeParse(to).success) {
    return toNumber(from) <= toNumber(to) ? [toNumber(from), toNumber(to)] : undefined;
  }
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(range)) return undefined;
  const start = ipaddr.IPv4.networkAddressFromCIDR(range).toString();
  return [toNumber(start), toNumber(ipaddr.IPv4.broadcastAddressFromCIDR(range).toString())];
}

function toNumber(address: string): number {
  return ipaddr.IPv4.parse(address)
    .toByteArray()
    .reduce((sum, byte) => sum * 256 + byte, 0);
}

function toAddress(number: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join(".");
}

/** Without a class Kubespray's registry keeps its images in the pod, with which they go. */
function registryStorage({ addons, variables }: KubesprayConfig): Problem[] {
  const storageClass = variables.registry_storage_class;
  if (!addons.registry || (typeof storageClass === "string" && storageClass !== "")) return [];
  return [
    {
      path: pathOf("registry_storage_class"),
      found: `${renderFound(storageClass)}, with vmstation:bootstrap.addons.registry`,
      accepted:
        "a StorageClass for the images, which are lost with the registry's pod otherwise: " +
        "{ registry_storage_class: local-path, local_path_provisioner_enabled: true }",
    },
  ];
}

// X.509: 64 characters for a name, of which Kubespray takes "etcd-member-" or "etcd-node-".
const LONGEST_NAME = 64;

/** Kubespray makes these certificates by openssl, which refuses a longer name in the middle of the installation. */
function longNames({ machines }: MethodSite): Problem[] {
  return machines.flatMap(({ name, roles }) => {
    const prefixes = [
      ...(roles.includes("etcd") ? ["etcd-member-"] : []),
      ...(roles.includes("control-plane") ? ["etcd-node-"] : []),
    ];
    const most = LONGEST_NAME - Math.max(0, ...prefixes.map((prefix) => prefix.length));
    if (name.length <= most) return [];
    return [
      {
        path: `machines.${name}`,
        found: `a name of ${name.length} letters, too long for etcd's certificate (${prefixes[0] ?? ""}${name})`,
        accepted: `${most} letters at most, for a machine with roles ${roles.join(", ")}`,
      },
    ];
  });
}
