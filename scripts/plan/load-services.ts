import { createRequire } from "node:module";
import type * as services from "./services";

type ServicesModule = typeof services;

const requireHere = createRequire(__filename);

/** Loads gRPC and the stubs when they are needed, as they take longer than all the rest of us. */
export function loadServices(): ServicesModule {
  const module: unknown = requireHere("./services");
  if (!isServicesModule(module)) throw new Error("services.ts exports no class Services");
  return module;
}

function isServicesModule(module: unknown): module is ServicesModule {
  return typeof module === "object" && module !== null && "Services" in module;
}
