import { listAppVersions } from "../../../components/apps/plan-apps";
import { methodOf } from "../../../components/bootstrap/methods";
import type { StackConfig } from "../../../stacks/schema";

/** A version that the one stack's file sets otherwise than the other's. */
export interface PinDifference {
  /** The configuration key. */
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

/**
 * What a stack's file may say about versions. Every other pin stands in components/versions, so it is
 * the same wherever the commit is.
 */
export function pinsOf({ bootstrap, apps }: StackConfig): Record<string, string | undefined> {
  return {
    "bootstrap.method": bootstrap.method,
    "bootstrap.kubernetesVersion": bootstrap.kubernetesVersion,
    ...methodOf(bootstrap).pins(bootstrap),
    ...listAppVersions(apps),
  };
}

/** What was never tried in FROM as TO wants it. An app that only one of them has is no difference. */
export function comparePins(from: StackConfig, to: StackConfig): PinDifference[] {
  const [left, right] = [pinsOf(from), pinsOf(to)];
  const paths = Object.keys({ ...left, ...right }).filter(
    (path) => !path.startsWith("apps.") || (path in left && path in right),
  );
  return paths
    .filter((path) => left[path] !== right[path])
    .map((path) => ({ path, from: left[path] ?? "none", to: right[path] ?? "none" }));
}
