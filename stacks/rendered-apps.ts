import type { Judged, Judging } from "../components/apps/frame/app";
import type { Problem } from "../components/shared/problem";
import type { Site } from "./site";

/** Of the Prometheus operator, whose resource definitions monitoring brings. */
const MONITORING_API = "monitoring.coreos.com/v1";

/**
 * What Helm and Kustomize make of the apps' files. It is looked at where a plan is made, and not by each verb. What is to
 * be destroyed need not be right, and may come from a repository that is gone.
 */
export function judgeRenderedApps(
  site: Pick<Site, "apps" | "config">,
  env: NodeJS.ProcessEnv,
): Judged {
  if (env.VMSTATION_DESTROYS === "1") return { problems: [], warnings: [] };
  const how = judgingOf(site, env.VMSTATION_PLANS !== "1");
  const all = site.apps.flatMap((app) => app.judgeRendered?.(how) ?? []);
  return {
    problems: all.flatMap(({ problems }) => problems),
    warnings: all.flatMap(({ warnings }) => warnings),
  };
}

/**
 * The same of a stack in which there are problems, so that all are said at once. An app that has one is left out: Helm
 * would say the same in other words.
 */
export function judgeOtherApps(
  site: Pick<Site, "apps" | "config">,
  problems: readonly Problem[],
  env: NodeJS.ProcessEnv,
): readonly Problem[] {
  const apps = site.apps.filter(
    ({ name }) => !problems.some(({ path }) => `${path}.`.startsWith(`apps.${name}.`)),
  );
  return judgeRenderedApps({ ...site, apps }, env).problems;
}

/** How the apps of a stack are looked at. */
export function judgingOf({ config }: Pick<Site, "config">, fetches: boolean): Judging {
  const { kubernetesVersion } = config.bootstrap;
  const apiVersions = config.monitoring === undefined ? [] : [MONITORING_API];
  return { sources: config.apps.charts, fetches, cluster: { kubernetesVersion, apiVersions } };
}
