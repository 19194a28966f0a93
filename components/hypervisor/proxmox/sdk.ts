import type { File } from "@muhlba91/pulumi-proxmoxve/download/file";
import type { Provider } from "@muhlba91/pulumi-proxmoxve/provider";
import type { Haresource } from "@muhlba91/pulumi-proxmoxve/haresource";
import type { Harule } from "@muhlba91/pulumi-proxmoxve/harule";
import type { PoolLegacy } from "@muhlba91/pulumi-proxmoxve/poolLegacy";
import type { Applier } from "@muhlba91/pulumi-proxmoxve/sdn/applier";
import type { Vnet } from "@muhlba91/pulumi-proxmoxve/sdn/vnet";
import type { Vxlan } from "@muhlba91/pulumi-proxmoxve/sdn/zone/vxlan";
import type { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy";
import { loadClasses } from "../../shared/load-package";

/** The provider's classes that are used here. */
export interface ProxmoxSdk {
  readonly Provider: typeof Provider;
  readonly VmLegacy: typeof VmLegacy;
  readonly File: typeof File;
}

/** Those for a network of Proxmox's SDN. */
export interface NetworkSdk {
  readonly Vxlan: typeof Vxlan;
  readonly Vnet: typeof Vnet;
  readonly Applier: typeof Applier;
}

/** Those for high availability. */
export interface HaSdk {
  readonly Haresource: typeof Haresource;
  readonly Harule: typeof Harule;
}

export interface PoolSdk {
  readonly PoolLegacy: typeof PoolLegacy;
}

const PACKAGE = "@muhlba91/pulumi-proxmoxve";
const FILES = { Provider: "provider", VmLegacy: "vmLegacy", File: "download/file" } as const;
const NETWORK = { Vxlan: "sdn/zone/vxlan", Vnet: "sdn/vnet", Applier: "sdn/applier" } as const;
const HA = { Haresource: "haresource", Harule: "harule" } as const;
const POOL = { PoolLegacy: "poolLegacy" } as const;

/** Loads the provider's package when a stack has a hypervisor: others never read it. */
export function loadSdk(): ProxmoxSdk {
  return load(FILES, (sdk): sdk is ProxmoxSdk => hasClasses(sdk, FILES));
}

export function loadNetworkSdk(): NetworkSdk {
  return load(NETWORK, (sdk): sdk is NetworkSdk => hasClasses(sdk, NETWORK));
}

export function loadHaSdk(): HaSdk {
  return load(HA, (sdk): sdk is HaSdk => hasClasses(sdk, HA));
}

export function loadPoolSdk(): PoolSdk {
  return load(POOL, (sdk): sdk is PoolSdk => hasClasses(sdk, POOL));
}

function load<Sdk>(
  files: Readonly<Record<string, string>>,
  isSdk: (value: object) => value is Sdk & object,
): Sdk {
  const sdk = loadClasses(PACKAGE, files);
  if (!isSdk(sdk)) throw new Error(`${PACKAGE} lacks a class that is used here`);
  return sdk;
}

function hasClasses(value: object, names: object): boolean {
  return Object.keys(names).every((name) => typeof Reflect.get(value, name) === "function");
}
