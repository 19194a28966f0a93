import type { Architecture } from "../../../components/bootstrap/architectures";
import type { Unlisted } from "../../../components/bootstrap/downloads";
import { smokeImage } from "../../../components/shared/smoke-pod";
import type { Site } from "../../../stacks/site";
import { type Plan, plan } from "../../engine/plan";
import { clusterArgs, methodOfSite } from "../cluster-args";
import { readSite } from "../ssh/operator";
import { UserError } from "../user-error";
import { loadProject } from "../stack-file/project";
import { isMap, loadStackConfig } from "../stack-file/stack-config";
import { type Release, planImages, planReleases, unreadable } from "./from-plan";
import { Merged } from "./merged";

/** A file of a mirror. */
export interface MirrorFile {
  readonly url: string;
  /** Where it is in the mirror's folder. */
  readonly path: string;
  /** null where only the publisher's list has it. */
  readonly sha256: string | null;
  /** Path of that list in the mirror's folder; null where there is none. */
  readonly listedIn: string | null;
  readonly machines: readonly string[];
  readonly parts: readonly string[];
}

/** A chart, which the operator's computer fetches for Pulumi's Kubernetes provider. */
export interface MirrorChart {
  readonly chart: string;
  readonly version: string;
  readonly repository: string;
  readonly path: string;
  readonly parts: readonly string[];
}

export interface MirrorImage {
  /** With its registry and its tag. */
  readonly image: string;
  /** null where the program does not pin it. */
  readonly digest: string | null;
  /** Where it may run. */
  readonly machines: readonly string[];
  readonly parts: readonly string[];
}

/** What a stack fetches over the network: the document of `vmstation mirror list --json`. */
export interface Needs {
  readonly version: 1;
  readonly stack: string;
  readonly architecture: Architecture;
  readonly files: readonly MirrorFile[];
  readonly charts: readonly MirrorChart[];
  readonly images: readonly MirrorImage[];
  /** What is fetched as well, and is not in these lists. */
  readonly unlisted: readonly Unlisted[];
}

export interface NeedsArgs {
  readonly cwd: string;
  readonly stack: string;
  readonly configFile?: string | undefined;
  readonly arch: Architecture;
}

/** What a chart's release makes, where its chart can be rendered. */
export type ChartImages = (release: Release) => Promise<readonly string[] | undefined>;

/** A stack with its plan, as if it had no mirror: what its publishers have to be asked for. */
export interface Wanted {
  readonly site: Site;
  readonly plan: Plan;
  readonly arch: Architecture;
}

export async function readWanted({ cwd, stack, configFile, arch }: NeedsArgs): Promise<Wanted> {
  const project = loadProject(cwd);
  const site = readSite(project, stack, configFile);
  checkArchitecture(site, arch);
  const settings = withoutMirrors(loadStackConfig(project, stack, configFile), project.name);
  const onOutput = (text: string): void => void process.stderr.write(text);
  return { site, arch, plan: await plan({ folder: cwd, stack, configFile, settings, onOutput }) };
}

function checkArchitecture(site: Site, arch: Architecture): void {
  const method = methodOfSite(site);
  const missing = method.architectures(site.config.bootstrap)[arch];
  if (missing === undefined)
    throw new UserError(`--arch ${arch}: ${method.title} is not installed on such machines.`);
  if (missing.length === 0) return;
  throw new UserError(
    `--arch ${arch}: a digest is missing. Set ${missing.map((key) => `vmstation:${key}`).join(", ")}.`,
  );
}

/** The settings by which charts and their images come from their publishers, of whichever layers say otherwise. */
export function withoutMirrors(config: ReadonlyMap<string, unknown>, project: string): string[] {
  return [...config].flatMap(([key, keys]) => {
    if (!key.startsWith(`${project}:`) || !isMap(keys) || !isMap(keys.charts)) return [];
    const { repository, imageRegistry, ...rest } = keys.charts;
    if (repository === undefined && imageRegistry === undefined) return [];
    return [`${key.slice(project.length + 1)}.charts=${JSON.stringify(rest)}`];
  });
}

/** All that the stack fetches. `images` is asked for the images of each chart's release. */
export async function listNeeds(wanted: Wanted, images: ChartImages): Promise<Needs> {
  const { site, plan: made, arch } = wanted;
  const merged = new Merged();
  const everywhere = site.machines.map(({ name }) => name);
  addBootstrap(merged, site, arch);
  const { imageDigests } = site.config.bootstrap.sources;
  merged.addImage(smokeImage(imageDigests.pause), everywhere, "network");
  for (const { image, machine, part } of planImages(made.resources))
    merged.addImage(image, machine === undefined ? everywhere : [machine], part);
  for (const release of planReleases(made.resources)) {
    await addRelease(merged, release, images, everywhere);
  }
  for (const one of unreadable(made.resources)) merged.addUnlisted(one);
  merged.addUnlisted({
    what: "packages of the machines' distributions, and their updates",
    advice: "name your mirror of them in the machines' own package sources before `up`",
  });
  return { version: 1, stack: made.stack, architecture: arch, ...merged.lists() };
}

function addBootstrap(merged: Merged, site: Site, arch: Architecture): void {
  const downloads = methodOfSite(site).downloads(clusterArgs(site), arch);
  for (const file of downloads.files) merged.addFile(file, "bootstrap");
  for (const { image, machines } of downloads.images) merged.addImage(image, machines, "bootstrap");
  for (const one of downloads.unlisted) merged.addUnlisted(one);
}

async function addRelease(
  merged: Merged,
  release: Release,
  images: ChartImages,
  everywhere: readonly string[],
): Promise<void> {
  const { chart, version, machine, part } = release;
  merged.addChart(release);
  const machines = machine === undefined ? everywhere : [machine];
  for (const image of release.pinned) merged.addImage(image, machines, part);
  const rendered = await images(release);
  for (const image of rendered ?? []) merged.addImage(image, machines, part);
  if (rendered !== undefined) return;
  merged.addUnlisted({
    what: `the images that chart ${chart} ${version} names by itself (${part})`,
    advice: "install helm, then `vmstation mirror fetch FOLDER` and `mirror list --folder FOLDER`",
  });
}
