import type { Json } from "../../shared/json";
import { COLUMNS, type Panel } from "./panels";

/** A choice at the top of a dashboard, filled from a label of a metric. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  /** The data source and its query. */
  readonly source:
    | { readonly prometheus: { readonly metric: string; readonly label: string } }
    | { readonly loki: { readonly label: string; readonly stream?: string } };
}

/** A dashboard before it is laid out. */
export interface Dashboard {
  /** File name without .json, and the last part of its address. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly variables?: readonly Variable[];
  /** Rows of panels, each under a heading. */
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
  /** Start of the time range (default: "now-24h"). */
  readonly from?: string;
}

interface Placed {
  readonly panels: readonly Json[];
  /** The first free line of the grid below them. */
  readonly bottom: number;
}

/** Places panels from left to right and on a new line where the next one does not fit. */
export function layOut(panels: readonly Panel[], top: number, firstId: number): Placed {
  let [x, y, lineHeight] = [0, top, 0];
  const placed: Json[] = [];
  panels.forEach((panel, i) => {
    if (x + panel.width > COLUMNS) {
      [x, y, lineHeight] = [0, y + lineHeight, 0];
    }
    placed.push({
      id: firstId + i,
      gridPos: { x, y, w: panel.width, h: panel.height },
      ...panel.body,
    });
    x += panel.width;
    lineHeight = Math.max(lineHeight, panel.height);
  });
  return { panels: placed, bottom: y + lineHeight };
}

function renderRows(rows: Dashboard["rows"]): Json[] {
  const all: Json[] = [];
  let bottom = 0;
  for (const row of rows) {
    all.push({
      id: all.length + 1,
      type: "row",
      title: row.title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y: bottom, w: COLUMNS, h: 1 },
    });
    const placed = layOut(row.panels, bottom + 1, all.length + 1);
    all.push(...placed.panels);
    bottom = placed.bottom;
  }
  return all;
}

function renderVariable(variable: Variable): Json {
  const common = {
    name: variable.name,
    label: variable.label,
    type: "query",
    refresh: 2,
    sort: 1,
    includeAll: true,
    multi: true,
    allValue: ".+",
    current: { text: ["All"], value: ["$__all"] },
  };
  if ("prometheus" in variable.source) {
    const { metric, label } = variable.source.prometheus;
    const query = `label_values(${metric}, ${label})`;
    return {
      ...common,
      datasource: { type: "prometheus", uid: "prometheus" },
      definition: query,
      query: { query, refId: "variable", qryType: 1 },
    };
  }
  const { label, stream } = variable.source.loki;
  return {
    ...common,
    datasource: { type: "loki", uid: "loki" },
    query: { label, stream: stream ?? "", type: 1, refId: "variable" },
  };
}

/** The dashboard as Grafana reads it from a file. */
export function renderDashboard(dashboard: Dashboard): Json {
  return {
    uid: dashboard.uid,
    title: dashboard.title,
    description: dashboard.description,
    tags: ["vmstation", ...dashboard.tags],
    schemaVersion: 39,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: "30s",
    timezone: "",
    time: { from: dashboard.from ?? "now-24h", to: "now" },
    templating: { list: (dashboard.variables ?? []).map(renderVariable) },
    links: [
      {
        type: "dashboards",
        title: "VMStation",
        tags: ["vmstation"],
        asDropdown: true,
        includeVars: false,
        keepTime: true,
      },
    ],
    panels: renderRows(dashboard.rows),
  };
}
