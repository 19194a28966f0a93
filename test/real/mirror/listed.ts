import path from "node:path";
import { parseReference } from "../../../scripts/kit/mirror/image-reference";
import { filePath, FILES } from "../../../scripts/kit/mirror/folder";
import { clusterArgs, methodOfSite } from "../../../scripts/kit/cluster-args";
import { readSite } from "../../../scripts/kit/ssh/operator";
import { loadProject } from "../../../scripts/kit/stack-file/project";

const ROOT = path.join(__dirname, "../../..");

/** What stands in for Calico, whose manifest is served in the operator's place and brings an image of its own. */
export const STAND_IN = "docker.io/cloudnativelabs/kube-router";

/** What a mirror is asked for: paths of files as they are below its address, and images without their tags. */
export interface Asked {
  readonly files: readonly string[];
  readonly repositories: readonly string[];
}

/** By what the stack's method says, as `vmstation mirror list` shows it. */
export function listedFor(stackFile: string): Asked {
  const site = readSite(loadProject(ROOT), "real", stackFile);
  const { files, images } = methodOfSite(site).downloads(clusterArgs(site), "amd64");
  return {
    files: sorted(files.map(({ url }) => path.relative(FILES, filePath(url)))),
    repositories: sorted(images.map(({ image }) => parseReference(image).repository)),
  };
}

/** By the mirror's own record. No path of a file has a colon, and each name of an image has one. */
export function readAsked(asked: Iterable<string>): Asked {
  const all = [...asked];
  return {
    files: sorted(all.filter((name) => !name.includes(":"))),
    repositories: sorted(
      all.flatMap((name) => (name.includes(":") ? [name.slice(0, name.indexOf(":"))] : [])),
    ),
  };
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
