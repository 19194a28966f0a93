import type { File } from "@muhlba91/pulumi-proxmoxve/download/file";
import type { Provider } from "@muhlba91/pulumi-proxmoxve/provider";
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

const PACKAGE = "@muhlba91/pulumi-proxmoxve";
const FILES = { Provider: "provider", VmLegacy: "vmLegacy", File: "download/file" } as const;
const NETWORK = { Vxlan: "sdn/zone/vxlan", Vnet: "sdn/vnet", Applier: "sdn/applier" } as const;

/** Loads the provider's package when a stack has a hypervisor: others never read it. */
export function loadSdk(): ProxmoxSdk {
  const sdk = loadClasses(PACKAGE, FILES);
  if (!isSdk(sdk)) throw new Error(`${PACKAGE} lacks a class that is used here`);
  return sdk;
}

export function loadNetworkSdk(): NetworkSdk {
  const sdk = loadClasses(PACKAGE, NETWORK);
  if (!isNetworkSdk(sdk)) throw new Error(`${PACKAGE} lacks a class that is used here`);
  return sdk;
}

function isSdk(value: object): value is ProxmoxSdk {
  return hasClasses(value, FILES);
}

function isNetworkSdk(value: object): value is NetworkSdk {
  return hasClasses(value, NETWORK);
}

function hasClasses(value: object, names: object): boolean {
  return Object.keys(names).every((name) => typeof Reflect.get(value, name) === "function");
}
