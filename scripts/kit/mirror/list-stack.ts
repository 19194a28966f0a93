import { chartImagesIn } from "./chart-images";
import { listNeeds, type Needs, type NeedsArgs, readWanted } from "./needs";

/** What a stack downloads, with the images of the charts that a folder holds. */
export async function listStack(args: NeedsArgs, folder: string | undefined): Promise<Needs> {
  const wanted = await readWanted(args);
  const { kubernetesVersion } = wanted.site.config.bootstrap;
  return listNeeds(wanted, chartImagesIn(folder, kubernetesVersion));
}
