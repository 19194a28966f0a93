import { exportsFunction, loadModule } from "../loader/lazy";
import type * as services from "./services";

/** Loads gRPC and the stubs when they are needed, as they take longer than all the rest of us. */
export function loadServices(): typeof services {
  return loadModule(__filename, "services", isServices);
}

function isServices(module: unknown): module is typeof services {
  return exportsFunction(module, "Services");
}
