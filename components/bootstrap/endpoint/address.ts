import type { Machine } from "../../node/machine";
import { clusterAddressOf } from "../../shared/addresses";
import type { ClusterArgs } from "../args";

/** What the address follows from. */
export interface AddressSource {
  readonly config: Pick<ClusterArgs["config"], "endpoint" | "apiServerPort" | "apiServerSans">;
  /** The machine that the others join. */
  readonly controller: Pick<ClusterArgs["controller"], "address" | "clusterAddress">;
}

/** Where people reach the API server: the virtual address, else the LAN's of the machine that made the cluster. */
function apiAddress({ config, controller }: AddressSource): string {
  return config.endpoint?.address ?? controller.address;
}

/** The same with its port, as in a URL. */
export function apiHost(source: AddressSource): string {
  return `${apiAddress(source)}:${source.config.apiServerPort}`;
}

/** Where the cluster's machines reach it, in the network that they have for themselves. A virtual address is the LAN's. */
export function joinAddress({ config, controller }: AddressSource): string {
  return config.endpoint?.address ?? clusterAddressOf(controller);
}

/** The same with its port, as in a URL. */
export function joinHost(source: AddressSource): string {
  return `${joinAddress(source)}:${source.config.apiServerPort}`;
}

/**
 * Names of the certificate beside those that a method puts there by itself: it knows no address of the LAN where `planes`,
 * which have the certificate, are known to it by another one.
 */
export function apiServerNames(
  { config, controller }: AddressSource,
  planes: readonly Pick<Machine, "address" | "clusterAddress">[],
): string[] {
  const { endpoint, apiServerSans } = config;
  const names = [
    controller.address,
    ...lanNames(planes),
    ...(endpoint === undefined ? [] : [endpoint.address]),
    ...apiServerSans,
  ];
  return [...new Set(names)];
}

/** Addresses of the LAN that a method does not know. */
export function lanNames(planes: readonly Pick<Machine, "address" | "clusterAddress">[]): string[] {
  return planes.flatMap(({ address, clusterAddress }) =>
    clusterAddress === undefined ? [] : [address],
  );
}
