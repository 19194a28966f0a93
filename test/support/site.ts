import { checkConfig } from "../../stacks/check";
import { renderProblems } from "../../stacks/errors";
import type { Site } from "../../stacks/site";
import { changedHomelab, type Change } from "./homelab";

/** The site of the tests' homelab, with some changes that leave it right. */
export function homelabSite(...changes: readonly Change[]): Site {
  const { site, problems } = checkConfig(changedHomelab(...changes));
  if (site === undefined) throw new Error(renderProblems("homelab", problems));
  return site;
}
