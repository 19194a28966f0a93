import { join } from "node:path";
import { Repositories, writeIndex } from "../../kit/mirror/charts";
import { checkChart, checkFile, wantedDigest } from "../../kit/mirror/check";
import { download } from "../../kit/mirror/download";
import { CHARTS, sha256Of } from "../../kit/mirror/folder";
import { checkImage, copyImage } from "../../kit/mirror/images";
import type { MirrorChart, MirrorFile, MirrorImage, Needs } from "../../kit/mirror/needs";
import { UserError } from "../../kit/user-error";

/** What was downloaded, or would be. */
export interface Fetched {
  readonly kind: "file" | "chart" | "image";
  readonly name: string;
  /** Why it could not be; null where it was. The others are downloaded anyway. */
  readonly error: string | null;
}

const MEGA = 1_000_000;

/** Brings what a folder lacks. What is there and right is left as it is. */
export class Fetcher {
  private readonly repositories = new Repositories();

  constructor(
    private readonly folder: string,
    /** Another mirror, in place of all publishers. */
    private readonly from: string | undefined,
    private readonly onProgress: (name: string, state: string) => void,
  ) {}

  async fetchFiles({ files, charts }: Needs, dryRun: boolean): Promise<Fetched[]> {
    const fetched: Fetched[] = [];
    // A publisher's list of digests comes first: the other files are compared with it.
    const ordered = [...files].sort(
      (a, b) => Number(a.listedIn !== null) - Number(b.listedIn !== null),
    );
    for (const file of ordered) {
      if ((await checkFile(this.folder, file)) === undefined) continue;
      const error = dryRun ? null : await this.attempt(() => this.file(file));
      fetched.push({ kind: "file", name: file.url, error });
    }
    return [...fetched, ...(await this.fetchCharts(charts, dryRun))];
  }

  private async attempt(work: () => Promise<void>): Promise<string | null> {
    try {
      await work();
      return null;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return error.message;
    }
  }

  private async file(file: MirrorFile): Promise<void> {
    const url = this.from === undefined ? file.url : `${this.from}/${file.path}`;
    await this.download(url, file.path, await wantedDigest(this.folder, file));
  }

  private async download(url: string, path: string, sha256: string | undefined): Promise<void> {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const onProgress = (bytes: number): void => {
      this.onProgress("downloading", `${name}, ${(bytes / MEGA).toFixed(1)} MB`);
    };
    await download({ url, file: join(this.folder, path), sha256, onProgress });
  }

  private async fetchCharts(charts: readonly MirrorChart[], dryRun: boolean): Promise<Fetched[]> {
    const fetched: Fetched[] = [];
    for (const chart of charts) {
      if ((await checkChart(this.folder, chart)) === undefined) continue;
      const error = dryRun ? null : await this.attempt(() => this.chart(chart));
      fetched.push({ kind: "chart", name: `${chart.chart} ${chart.version}`, error });
    }
    return fetched;
  }

  private async chart(chart: MirrorChart): Promise<void> {
    const repository = this.from === undefined ? chart.repository : `${this.from}/${CHARTS}`;
    const { entry, url, sha256 } = await this.repositories.find({ ...chart, repository });
    await this.download(url, chart.path, sha256);
    // Some repositories give no digest. `mirror verify` compares with the one written here.
    const digest = await sha256Of(join(this.folder, chart.path));
    await writeIndex(this.folder, chart, { ...entry, digest });
  }

  async missingImages({ images }: Needs): Promise<MirrorImage[]> {
    const missing: MirrorImage[] = [];
    for (const image of images)
      if ((await checkImage(this.folder, image)) !== undefined) missing.push(image);
    return missing;
  }

  async fetchImages(needs: Needs, dryRun: boolean): Promise<Fetched[]> {
    const missing = await this.missingImages(needs);
    const fetched: Fetched[] = [];
    for (const [index, image] of missing.entries()) {
      const place = `${image.image}, ${String(index + 1)} of ${String(missing.length)}`;
      if (!dryRun) this.onProgress("copying", place);
      const copy = (): Promise<void> => copyImage(this.folder, image, this.from);
      const error = dryRun ? null : await this.attempt(copy);
      fetched.push({ kind: "image", name: image.image, error });
    }
    return fetched;
  }
}
