import assert from "node:assert/strict";
import { renderDashboard } from "../../../components/apps/frame/dashboard";
import { appsFacts } from "../../../components/apps/facts";
import { planApps } from "../../../components/apps/plan-apps";
import { renderDashboard as renderForGrafana } from "../../../components/monitoring/dashboards/dashboard";
import { planMonitoring } from "../../../components/monitoring/plan";
import { site as monitoringSite } from "../monitoring/homelab";
import { appsConfig, appSite } from "./settings";

const plan = { name: "notes", title: "Notes", machine: "hazel" };
const titles = (of: ReturnType<typeof renderDashboard>): string[] =>
  of.panels.map(({ title }) => title);

describe("an app's dashboard", () => {
  it("shows its pods, what they use and its logs, from the app's own namespace alone", () => {
    const dashboard = renderDashboard(plan, false);
    assert.equal(dashboard.uid, "app-notes");
    assert.deepEqual(titles(dashboard), [
      "Ready pods",
      "Restarts, one day",
      "CPU, cores",
      "Memory",
      "Network",
      "Logs",
    ]);
    for (const panel of dashboard.panels) {
      const exprs = panel.kind === "logs" ? [panel.expr] : panel.queries.map((query) => query.expr);
      for (const expr of exprs) assert.match(expr, /namespace="notes"/, panel.title);
    }
  });

  it("tells how long its machine slept, where that sleeps", () => {
    const more = titles(renderDashboard(plan, true)).filter(
      (title) => !titles(renderDashboard(plan, false)).includes(title),
    );
    assert.deepEqual(more, ["Asleep, one day", "Wakes, one day"]);
  });

  it("holds what the app itself wants shown", () => {
    const own = { kind: "figure", title: "Notes", queries: [{ expr: "notes_total" }] } as const;
    assert.ok(titles(renderDashboard({ ...plan, panels: [own] }, false)).includes("Notes"));
  });

  it("comes after Grafana's own, in figures, lines and logs", () => {
    const wanted = appsFacts(planApps(appsConfig(), appSite), appSite).dashboards ?? [];
    const { config, ...context } = monitoringSite();
    const all = planMonitoring(config, { ...context, dashboards: wanted }).all.dashboards;
    assert.deepEqual(
      all.slice(-2).map(({ uid, rows }) => [uid, ...rows.map(({ title }) => title)]),
      [
        ["app-jellyfin", "Now", "Over time", "Logs"],
        ["app-minecraft", "Now", "Over time", "Logs"],
      ],
    );
    assert.equal(new Set(all.map(({ uid }) => uid)).size, all.length);
    const [jellyfin] = all.slice(-2);
    assert.ok(jellyfin);
    assert.match(JSON.stringify(renderForGrafana(jellyfin)), /http_requests_in_progress/);
  });
});
