import { createRequire } from "node:module";
import type { File } from "@muhlba91/pulumi-proxmoxve/download/file";
import type { Provider } from "@muhlba91/pulumi-proxmoxve/provider";
import type { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy";

/** The provider's classes that are used here. */
export interface ProxmoxSdk {
  readonly Provider: typeof Provider;
  readonly VmLegacy: typeof VmLegacy;
  readonly File: typeof File;
}

const PARTS = { Provider: "provider", VmLegacy: "vmLegacy", File: "download/file" } as const;

/** Loads the provider's package when a stack has a hypervisor: others never read it. */
export function loadSdk(): ProxmoxSdk {
  const load = createRequire(__filename);
  const parts = Object.entries(PARTS).map(([name, file]): [string, unknown] => {
    const module: unknown = load(`@muhlba91/pulumi-proxmoxve/${file}`);
    return [
      name,
      typeof module === "object" && module !== null ? Reflect.get(module, name) : module,
    ];
  });
  const sdk: unknown = Object.fromEntries(parts);
  if (!isSdk(sdk)) throw new Error("@muhlba91/pulumi-proxmoxve lacks a class that is used here");
  return sdk;
}

function isSdk(value: unknown): value is ProxmoxSdk {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.keys(PARTS).every((name) => typeof Reflect.get(value, name) === "function")
  );
}
