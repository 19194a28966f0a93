import { z } from "zod";
import { planMonitoring, ruleGroups } from "../../../components/monitoring/plan";
import { planApps } from "../../../components/apps/plan-apps";
import { appsFacts, sleeps } from "../../../components/apps/facts";
import { ALERTS as VAULT_ALERTS } from "../../../components/apps/vault/alerts";
import { gitopsSchema } from "../../../components/gitops/config";
import { gitopsFacts } from "../../../components/gitops/facts";
import { renderRuleFile } from "../../../components/apps/frame/watching";
import { appsConfig } from "../apps/settings";
import { wholePlatform } from "../platform/sites";
import { site } from "./homelab";

/** A PromQL expression, and where it stands. */
export interface Found {
  readonly where: string;
  readonly expr: string;
}

const panelSchema = z.object({
  title: z.string(),
  targets: z.array(z.object({ expr: z.string(), datasource: z.object({ uid: z.string() }) })),
});

/** As the apps see it; which control plane holds their ports shows in no query. */
const appSite = () => ({ ...site(), controller: undefined });

/** Every PromQL expression of ours, Grafana's variables put in. */
export function promQlQueries(): Found[] {
  const rules = [...ruleGroups, ...layerAlerts()].flatMap(({ name, rules }) =>
    rules.map((rule) => ({
      where: `${name}: ${"alert" in rule ? rule.alert : rule.record}`,
      expr: rule.expr,
    })),
  );
  const all = {
    ...site(),
    dashboards: [
      ...(appsFacts(planApps(appsConfig(), appSite()), appSite()).dashboards ?? []),
      ...platformFacts().dashboards,
    ],
  };
  const panels = planMonitoring(all.config, all).all.dashboards.flatMap(({ uid, rows }) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap(({ body }) => {
        const { title, targets } = panelSchema.parse(body);
        return targets
          .filter(({ datasource }) => datasource.uid === "prometheus")
          .map(({ expr }): Found => ({ where: `${uid}: ${title}`, expr: fillIn(expr) }));
      }),
    ),
  );
  const ofApps = appRuleFiles().flatMap(({ groups }) =>
    groups.flatMap(({ name, rules }) =>
      rules.map(({ alert, expr }): Found => ({ where: `${name}: ${alert}`, expr })),
    ),
  );
  return [...rules, ...ofApps, ...panels];
}

/** What every part of the platform states. */
const platformFacts = () => wholePlatform().facts;

/** What the layers beside monitoring add: the platform, Argo CD, and the store of secrets. */
export function layerAlerts() {
  const repository = "https://git.example.org/me/home.git";
  const gitops = gitopsSchema.parse({ machine: "maple", repository, namespaces: ["mqtt"] });
  const network = { podCidr: "10.244.0.0/16" };
  const { alerts = [] } = gitopsFacts(gitops, { machines: [], apiServerPort: 6443, network });
  return [...platformFacts().alerts, ...alerts, VAULT_ALERTS];
}

/** The apps' own alerts: Jellyfin's, whose machine sleeps, and Minecraft's, whose machine never does. */
export function appRuleFiles() {
  return planApps(appsConfig(), appSite()).map((plan) =>
    renderRuleFile(plan, sleeps(plan.machine, site())),
  );
}

function fillIn(expr: string): string {
  return expr
    .replaceAll("$__range", "1h")
    .replaceAll("$__rate_interval", "5m")
    .replace(/\$[a-z]+/g, ".+");
}
