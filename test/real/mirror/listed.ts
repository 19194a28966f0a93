import path from "node:path";
import { parseReference } from "../../../scripts/kit/mirror/image-reference";
import { filePath, FILES } from "../../../scripts/kit/mirror/folder";
import { clusterArgs, methodOfSite } from "../../../scripts/kit/cluster-args";
import { readSite } from "../../../scripts/kit/ssh/operator";
import { loadProject } from "../../../scripts/kit/stack-file/project";
import { APP_STAND_IN, PLATFORM_IMAGES } from "./contents";

const ROOT = path.join(__dirname, "../../..");

/** What stands in for Calico, whose manifest is served in the operator's place and brings an image of its own; and for apps. */
export const STAND_INS = ["docker.io/cloudnativelabs/kube-router", APP_STAND_IN.repository];

/** All images of the suite that no list names. */
export const UNLISTED = [
  ...STAND_INS,
  "docker.io/vmstation/small",
  ...Object.values(PLATFORM_IMAGES).map(({ repository }) => repository),
];

/** What a mirror is asked for: paths of files as they are below its address, and images without their tags. */
export interface Asked {
  readonly files: readonly string[];
  readonly repositories: readonly string[];
}

/**
 * By what the stack's method says, as `vmstation mirror list` shows it. `more` are images that the list leaves to somebody
 * else, as it says itself.
 */
export function listedFor(stackFile: string, more: readonly string[] = []): Asked {
  const site = readSite(loadProject(ROOT), "real", stackFile);
  const { files, images } = methodOfSite(site).downloads(clusterArgs(site), "amd64");
  const named = [...images.map(({ image }) => image), ...more];
  return {
    files: sorted(files.map(({ url }) => path.relative(FILES, filePath(url)))),
    repositories: sorted(named.map((image) => parseReference(image).repository)),
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
