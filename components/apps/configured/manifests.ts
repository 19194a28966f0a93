import * as fs from "node:fs";
import * as path from "node:path";
import { merge, readObjects, type Reading } from "./objects";

/** The objects of the files, which are named in the project's folder. */
export function readManifests(files: readonly string[], folder: string): Reading {
  return merge(files.map((file) => readManifest(file, folder)));
}

export function readManifest(file: string, folder: string): Reading {
  const at = path.join(folder, file);
  if (!fs.existsSync(at)) return missing(file, "a file of the project's folder");
  if (fs.statSync(at).isDirectory()) {
    return missing(file, "a file; a folder is kind: kustomize, or each of its files");
  }
  return readObjects(fs.readFileSync(at, "utf8"), file);
}

export function missing(file: string, accepted: string): Reading {
  return { objects: [], findings: [{ where: file, found: "no such file", accepted }] };
}
