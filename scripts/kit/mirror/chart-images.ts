import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { ChartImages } from "./needs";
import type { Release } from "./from-plan";
import { chartPath, sizeOf } from "./folder";
import { hasProgram } from "./program";

/** Options of programs that name an image: the operator starts it beside Prometheus. */
const IMAGE_OPTION = /^--[\w-]*(?:config-reloader|image|base-image)=([^\s=]+[:@][^\s=]+)$/;

/** The images of a chart that the folder holds, as `helm template` makes its objects; undefined where that cannot be. */
export function chartImagesIn(folder: string | undefined, kubernetesVersion: string): ChartImages {
  return async (release) => {
    if (folder === undefined) return undefined;
    const archive = join(folder, chartPath(release.chart, release.version));
    if ((await sizeOf(archive)) === undefined || !(await hasProgram("helm"))) return undefined;
    return imagesOf(await render(release, archive, kubernetesVersion));
  };
}

async function render(
  { name, namespace, values }: Release,
  archive: string,
  version: string,
): Promise<string> {
  const { execa } = await import("execa");
  const options = [
    ...["--namespace", namespace, "--values", "-", "--skip-tests"],
    // The versions and APIs of the cluster, which some charts ask for.
    ...["--kube-version", version, "--api-versions", "monitoring.coreos.com/v1"],
  ];
  const ran = await execa("helm", ["template", name, archive, ...options], {
    input: JSON.stringify(values),
  });
  return ran.stdout;
}

/** What the objects of a text name as images. */
export function imagesOf(text: string): string[] {
  const found = new Set<string>();
  for (const document of parseAllDocuments(text)) collect(document.toJS(), found);
  return [...found].sort();
}

function collect(value: unknown, found: Set<string>): void {
  if (typeof value === "string") {
    const image = IMAGE_OPTION.exec(value)?.[1];
    if (image !== undefined) found.add(image);
  } else if (Array.isArray(value)) {
    for (const item of value) collect(item, found);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (key === "image" && typeof item === "string" && item !== "") found.add(item);
      else collect(item, found);
    }
  }
}
