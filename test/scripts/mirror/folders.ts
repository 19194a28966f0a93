import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { filePath, imagePath } from "../../../scripts/kit/mirror/folder";
import type { MirrorImage, Needs } from "../../../scripts/kit/mirror/needs";

export const digestOf = (content: string): string =>
  createHash("sha256").update(content).digest("hex");

export const RUNC = "https://github.com/o/runc/releases/download/v1/runc.amd64";
export const LISTED = "https://github.com/r/rke2/releases/download/v1%2Br1/rke2.tar.gz";
export const LIST = "https://github.com/r/rke2/releases/download/v1%2Br1/sha256sum-amd64.txt";
export const CONTENT = "a program ".repeat(1000);

/** A folder that the test removes. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "vmstation-mirror-"));

  at(...names: string[]): string {
    return join(this.path, ...names);
  }

  write(name: string, content: string): void {
    mkdirSync(dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), content);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: "application/vnd.docker.distribution.manifest.v2+json",
  config: { digest: `sha256:${digestOf("config")}` },
  layers: [{ digest: `sha256:${digestOf("layer")}` }],
});
export const IMAGE_LIST = JSON.stringify({
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.index.v1+json",
  manifests: [{ digest: `sha256:${digestOf(manifest)}` }],
});
export const IMAGE_MANIFEST = manifest;
export const PAUSE: MirrorImage = {
  image: "registry.k8s.io/pause:3.10.1",
  digest: `sha256:${digestOf(IMAGE_LIST)}`,
  machines: ["one"],
  parts: ["bootstrap"],
};

/** The contents of that image, as skopeo writes its folder. */
export function imageFiles(): Record<string, string> {
  return {
    "manifest.json": IMAGE_LIST,
    [`${digestOf(manifest)}.manifest.json`]: manifest,
    [digestOf("config")]: "config",
    [digestOf("layer")]: "layer",
    version: "Directory Transport Version: 1.1\n",
  };
}

const uses = { machines: ["one"], parts: ["bootstrap"] };

/** Two pinned ways to say a digest, a chart and an image. */
export const NEEDS: Needs = {
  version: 1,
  stack: "test",
  architecture: "amd64",
  files: [
    { url: LISTED, path: filePath(LISTED), sha256: null, listedIn: filePath(LIST), ...uses },
    { url: RUNC, path: filePath(RUNC), sha256: digestOf(CONTENT), listedIn: null, ...uses },
    { url: LIST, path: filePath(LIST), sha256: null, listedIn: null, ...uses },
  ],
  charts: [
    {
      ...{ chart: "loki", version: "1.2.3", repository: "https://charts.example" },
      ...{ path: "charts/loki-1.2.3.tgz", parts: ["monitoring-loki"] },
    },
  ],
  images: [PAUSE],
  unlisted: [],
};

/** A folder that has all of it. */
export function filled(): Folder {
  const folder = new Folder();
  folder.write(filePath(RUNC), CONTENT);
  folder.write(filePath(LISTED), "an archive");
  folder.write(filePath(LIST), `${digestOf("an archive")}  rke2.tar.gz\n${digestOf("x")}  other\n`);
  folder.write("charts/loki-1.2.3.tgz", "a chart");
  const entry = {
    name: "loki",
    version: "1.2.3",
    urls: ["loki-1.2.3.tgz"],
    digest: digestOf("a chart"),
  };
  folder.write("charts/index.yaml", stringify({ apiVersion: "v1", entries: { loki: [entry] } }));
  for (const [name, content] of Object.entries(imageFiles()))
    folder.write(join(imagePath(PAUSE.image), name), content);
  return folder;
}
