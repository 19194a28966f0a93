import type { ClusterArgs } from "../args";

/** What the address follows from. */
export interface AddressSource {
  readonly config: Pick<ClusterArgs["config"], "endpoint" | "apiServerPort" | "apiServerSans">;
  /** The machine that the others join. */
  readonly controller: Pick<ClusterArgs["controller"], "address">;
}

/** Where others reach the API server: the virtual address, else the address of the machine that made the cluster. */
export function apiAddress({ config, controller }: AddressSource): string {
  return config.endpoint?.address ?? controller.address;
}

/** The same with its port, as in a URL. */
export function apiHost(source: AddressSource): string {
  return `${apiAddress(source)}:${source.config.apiServerPort}`;
}

/** Names of the certificate beside those that a method puts there by itself. */
export function apiServerNames({ config, controller }: AddressSource): string[] {
  const { endpoint, apiServerSans } = config;
  return [
    controller.address,
    ...(endpoint === undefined ? [] : [endpoint.address]),
    ...apiServerSans,
  ];
}
