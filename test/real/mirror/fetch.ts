import { cp, mkdir } from "node:fs/promises";
import path from "node:path";
import { IMAGES } from "../../../scripts/kit/mirror/folder";
import type { RealLab } from "../cluster/lab";
import { UNLISTED } from "./listed";
import { MirrorServer } from "./serve";

/** Not the machines' mirror, which is at its default port. */
const PORT = 8001;

/**
 * Fills the lab's mirror by `vmstation mirror fetch`, from what the suite has made instead of the publishers, and adds the images that
 * no list can name: those of stand-ins and of the tests' own pods.
 */
export async function fetchMirror(lab: RealLab, source: string, address: string): Promise<void> {
  const folder = lab.pathOf("mirror");
  const publishers = await MirrorServer.start(source, address, PORT);
  try {
    // Without apps: their images cannot be had.
    lab.describe({ more: { apps: { jellyfin: undefined } } });
    await lab.passes("mirror", "fetch", folder, "--from", publishers.url);
  } finally {
    await publishers.stop();
    lab.describe();
  }
  for (const image of UNLISTED) {
    const place = path.join(IMAGES, image);
    await mkdir(path.join(folder, path.dirname(place)), { recursive: true });
    await cp(path.join(source, place), path.join(folder, place), { recursive: true });
  }
}
