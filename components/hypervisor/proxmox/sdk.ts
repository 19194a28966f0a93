import type { File } from "@muhlba91/pulumi-proxmoxve/download/file";
import type { Provider } from "@muhlba91/pulumi-proxmoxve/provider";
import type { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy";
import { loadClasses } from "../../shared/load-package";

/** The provider's classes that are used here. */
export interface ProxmoxSdk {
  readonly Provider: typeof Provider;
  readonly VmLegacy: typeof VmLegacy;
  readonly File: typeof File;
}

const FILES = { Provider: "provider", VmLegacy: "vmLegacy", File: "download/file" } as const;

/** Loads the provider's package when a stack has a hypervisor: others never read it. */
export function loadSdk(): ProxmoxSdk {
  const sdk = loadClasses("@muhlba91/pulumi-proxmoxve", FILES);
  if (!isSdk(sdk)) throw new Error("@muhlba91/pulumi-proxmoxve lacks a class that is used here");
  return sdk;
}

function isSdk(value: object): value is ProxmoxSdk {
  return Object.keys(FILES).every((name) => typeof Reflect.get(value, name) === "function");
}
