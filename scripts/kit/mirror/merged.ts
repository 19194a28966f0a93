import type { FileNeed, Unlisted } from "../../../components/bootstrap/downloads";
import type { Release } from "./from-plan";
import { chartPath, filePath } from "./folder";
import { parseReference } from "./image-reference";
import type { MirrorChart, MirrorFile, MirrorImage, Needs } from "./needs";

interface Uses {
  readonly machines: Set<string>;
  readonly parts: Set<string>;
}

/** Lists in which the same file, chart or image is once, with all that use it. */
export class Merged {
  private readonly files = new Map<string, FileNeed & { readonly uses: Uses }>();
  private readonly charts = new Map<string, Release & { readonly uses: Uses }>();
  private readonly images = new Map<string, MirrorImage & { readonly uses: Uses }>();
  private readonly unlisted = new Map<string, Unlisted>();

  addFile(file: FileNeed, part: string): void {
    const known = this.files.get(file.url) ?? { ...file, uses: noUses() };
    this.files.set(file.url, known);
    use(known.uses, file.machines, part);
  }

  addChart(release: Release): void {
    const key = `${release.chart} ${release.version} ${release.repository}`;
    const known = this.charts.get(key) ?? { ...release, uses: noUses() };
    this.charts.set(key, known);
    use(known.uses, [], release.part);
  }

  /** The same tag with a digest and without one is one image: what is pinned is what the tag has to be. */
  addImage(text: string, machines: readonly string[], part: string): void {
    const { repository, tag, digest } = parseReference(text);
    const image = `${repository}:${tag}`;
    const uses = this.images.get(image)?.uses ?? noUses();
    const known = this.images.get(image)?.digest ?? digest;
    this.images.set(image, { image, digest: known, machines: [], parts: [], uses });
    use(uses, machines, part);
  }

  addUnlisted(one: Unlisted): void {
    this.unlisted.set(one.what, one);
  }

  lists(): Pick<Needs, "files" | "charts" | "images" | "unlisted"> {
    return {
      files: [...this.files.values()].map(renderFile).sort(by(({ path }) => path)),
      charts: [...this.charts.values()].map(renderChart).sort(by(({ path }) => path)),
      images: [...this.images.values()]
        .map(({ image, digest, uses }) => ({ image, digest, ...rendered(uses) }))
        .sort(by(({ image }) => image)),
      unlisted: [...this.unlisted.values()],
    };
  }
}

function renderFile({ url, sha256, listedIn, uses }: FileNeed & { uses: Uses }): MirrorFile {
  return {
    url,
    path: filePath(url),
    sha256: sha256 ?? null,
    listedIn: listedIn === undefined ? null : filePath(listedIn),
    ...rendered(uses),
  };
}

function renderChart({ chart, version, repository, uses }: Release & { uses: Uses }): MirrorChart {
  const { parts } = rendered(uses);
  return { chart, version, repository, path: chartPath(chart, version), parts };
}

function noUses(): Uses {
  return { machines: new Set(), parts: new Set() };
}

function use(uses: Uses, machines: readonly string[], part: string): void {
  for (const machine of machines) uses.machines.add(machine);
  uses.parts.add(part);
}

function rendered({ machines, parts }: Uses) {
  return { machines: [...machines].sort(), parts: [...parts].sort() };
}

function by<Item>(key: (item: Item) => string): (a: Item, b: Item) => number {
  return (a, b) => (key(a) < key(b) ? -1 : 1);
}
