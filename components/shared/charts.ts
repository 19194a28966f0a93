import { z } from "zod";
import { type ChartPin, type ImagePin, pinnedTag } from "../versions";
import { duration } from "./scalars";

const repository = z
  .string()
  .regex(
    /^(https?|oci):\/\/[\w.-]+(:\d+)?(\/[\w./-]*)?$/,
    "a chart repository such as https://charts.example.org or oci://mirror.lan/charts",
  );

const registry = z
  .string()
  .regex(/^[\w.-]+(:\d+)?(\/[\w./-]+)?$/, "an image registry such as mirror.lan:5000");

/** Where charts and images come from in a network without internet. `timeout` is the default of its key. */
export function chartSourcesSchema(timeout: string) {
  return z
    .strictObject({
      repository: repository.optional().describe("One repository that holds all charts"),
      imageRegistry: registry.optional().describe("One registry that holds all images"),
      timeout: duration
        .prefault(timeout)
        .describe("How long a release may take to become ready; after that it is undone"),
    })
    .prefault({})
    .describe("Where charts and images come from (default: their publishers)");
}

export type ChartSources = z.output<ReturnType<typeof chartSourcesSchema>>;

/** Chart arguments of a Release. A plain repository is an option beside the chart's name, an OCI one is part of it. */
export function renderChartSource(pin: ChartPin, sources: Pick<ChartSources, "repository">) {
  const from = (sources.repository ?? pin.repository).replace(/\/$/, "");
  return from.startsWith("oci://")
    ? { chart: `${from}/${pin.chart}`, version: pin.version }
    : { chart: pin.chart, version: pin.version, repositoryOpts: { repo: from } };
}

/** An image without its tag, "docker.io/jellyfin/jellyfin", at its publisher or in the mirror. */
export function renderRepository(repository: string, sources: Partial<ChartSources>): string {
  if (sources.imageRegistry === undefined) return repository;
  return [sources.imageRegistry, ...repository.split("/").slice(1)].join("/");
}

export function renderImage(image: ImagePin, sources: Partial<ChartSources>): string {
  return `${renderRepository(image.repository, sources)}:${pinnedTag(image)}`;
}
