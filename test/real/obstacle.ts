import { findObstacle as findRigObstacle } from "../rig/host";
import { buildParts } from "./parts/build";

/** Why real clusters cannot run on this host, in one line; undefined where they can, and then their parts are built. */
export async function findRealObstacle(): Promise<string | undefined> {
  return (await findRigObstacle()) ?? buildParts();
}
