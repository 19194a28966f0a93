/**
 * An image: `digest` is of its index, so that each architecture finds its own below it. An image without one says in
 * `unpinned` why, and anybody who owns the registry may move its tag.
 */
export type ImagePin = { readonly repository: string; readonly tag: string } & (
  { readonly digest: `sha256:${string}` } | { readonly unpinned: string }
);

/** The tag as a runtime takes it, with the digest that it has to have: "v0.8.1@sha256:…". */
export function pinnedTag(image: ImagePin): string {
  return "digest" in image ? `${image.tag}@${image.digest}` : image.tag;
}

/** The image as a pod names it; `digest` instead of its own where a mirror has packed it otherwise. */
export function imageOf(image: ImagePin, digest?: string): string {
  const tag = digest === undefined ? pinnedTag(image) : `${image.tag}@${digest}`;
  return `${image.repository}:${tag}`;
}

/** A Helm chart and where its publisher keeps it. */
export interface ChartPin {
  readonly chart: string;
  readonly version: string;
  /** Plain repository (https://), whose index has the chart's digest. One of an OCI registry would need it here. */
  readonly repository: string;
}
