import type { DashboardNeed, PanelNeed } from "../../shared/facts";
import type { Dashboard } from "./dashboard";
import { logs, stat, timeSeries, type Panel } from "./panels";

/** Another layer's dashboard in our own form: figures first, then lines, then logs. */
export function drawDashboard(need: DashboardNeed): Dashboard {
  const row = (title: string, kind: PanelNeed["kind"]) => ({
    title,
    panels: need.panels.filter((panel) => panel.kind === kind).map(drawPanel),
  });
  const rows = [row("Now", "figure"), row("Over time", "lines"), row("Logs", "logs")];
  return {
    uid: need.uid,
    title: need.title,
    description: need.description,
    tags: ["apps"],
    rows: rows.filter(({ panels }) => panels.length > 0),
  };
}

function drawPanel(panel: PanelNeed): Panel {
  if (panel.kind === "logs") return logs(panel.title, panel.expr);
  const options = panel.unit === undefined ? {} : { unit: panel.unit };
  return panel.kind === "figure"
    ? stat(panel.title, panel.queries, options)
    : timeSeries(panel.title, panel.queries, options);
}
