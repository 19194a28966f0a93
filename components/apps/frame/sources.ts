import * as path from "node:path";
import { z } from "zod";
import { duration } from "../../shared/scalars";
import { pinnedTag, type ImagePin } from "../../versions";

/** Where charts and images come from when not from their publishers: a network without internet. */
export const sourcesSchema = z
  .strictObject({
    repository: z
      .string()
      .regex(
        /^(https?|oci):\/\/[\w.-]+(:\d+)?(\/[\w./-]*)?$/,
        "a chart repository such as https://charts.example.org or oci://mirror.lan/charts",
      )
      .optional()
      .describe("One repository that holds all charts"),
    imageRegistry: z
      .string()
      .regex(/^[\w.-]+(:\d+)?(\/[\w./-]+)?$/, "an image registry such as mirror.lan:5000")
      .optional()
      .describe("One registry that holds all images"),
    timeout: duration.prefault("15m").describe("How long a release may take to become ready"),
  })
  .prefault({})
  .describe("Where the apps' charts and images come from");

export type AppSources = z.infer<typeof sourcesSchema>;

/** An image without its tag, "docker.io/jellyfin/jellyfin", at its publisher or in the mirror. */
export function renderRepository(repository: string, sources: AppSources): string {
  if (sources.imageRegistry === undefined) return repository;
  return [sources.imageRegistry, ...repository.split("/").slice(1)].join("/");
}

export function renderImage(image: ImagePin, sources: AppSources): string {
  return `${renderRepository(image.repository, sources)}:${pinnedTag(image)}`;
}

/** Chart arguments of a Release: a plain repository is an option beside the name, an OCI one a part of it. */
export function renderChart(
  pin: { readonly chart: string; readonly repository: string; readonly version: string },
  sources: AppSources,
) {
  const repository = (sources.repository ?? pin.repository).replace(/\/$/, "");
  return repository.startsWith("oci://")
    ? { chart: `${repository}/${pin.chart}`, version: pin.version }
    : { chart: pin.chart, version: pin.version, repositoryOpts: { repo: repository } };
}

/**
 * Arguments of a Release whose chart writes `replicas` whatever its values say, and whose values have null for it.
 * The path is relative, so that the state is the same in every clone.
 */
export function leaveReplicasOut(): { postrender: string; allowNullValues: true } {
  const script = path.join(__dirname, "files/leave-replicas-out.sh");
  return { postrender: `./${path.relative(process.cwd(), script)}`, allowNullValues: true };
}
