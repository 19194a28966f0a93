import type { Json } from "../../shared/json";

/** The data sources. parts/grafana.ts gives them these uids. */
const PROMETHEUS = { type: "prometheus", uid: "prometheus" };
const LOKI = { type: "loki", uid: "loki" };

/** Columns of Grafana's grid. A line of it is 30 pixels high. */
export const COLUMNS = 24;

/** A panel without its place, which dashboard.ts chooses. */
export interface Panel {
  readonly width: number;
  readonly height: number;
  readonly body: Readonly<Record<string, Json>>;
}

/** One PromQL query, and the name of its series: "{{node}}". */
export interface Query {
  readonly expr: string;
  readonly legend?: string;
}

export interface PanelOptions {
  /** One of Grafana's units: percent, bytes, s, short, watt, celsius. */
  readonly unit?: string;
  readonly width?: number;
  readonly height?: number;
  readonly min?: number;
  readonly max?: number;
  /** Turns orange from the first value on and red from the second. */
  readonly thresholds?: readonly [number, number];
}

function targets(queries: readonly Query[], instant: boolean): Json {
  return queries.map(({ expr, legend }, i) => ({
    refId: String.fromCharCode(65 + i),
    datasource: PROMETHEUS,
    expr,
    instant,
    range: !instant,
    legendFormat: legend ?? "__auto",
  }));
}

function thresholds(options: PanelOptions): Json {
  const steps: Json[] = [{ color: "green", value: null }];
  const [orange, red] = options.thresholds ?? [];
  if (orange !== undefined) steps.push({ color: "orange", value: orange });
  if (red !== undefined) steps.push({ color: "red", value: red });
  return { mode: "absolute", steps };
}

function fieldConfig(options: PanelOptions, custom: Json = {}): Json {
  return {
    defaults: {
      custom,
      thresholds: thresholds(options),
      ...(options.unit === undefined ? {} : { unit: options.unit }),
      ...(options.min === undefined ? {} : { min: options.min }),
      ...(options.max === undefined ? {} : { max: options.max }),
    },
    overrides: [],
  };
}

/** Lines over time. */
export function timeSeries(
  title: string,
  queries: readonly Query[],
  options: PanelOptions = {},
): Panel {
  return {
    width: options.width ?? 12,
    height: options.height ?? 8,
    body: {
      type: "timeseries",
      title,
      datasource: PROMETHEUS,
      targets: targets(queries, false),
      fieldConfig: fieldConfig(options, { fillOpacity: 10, showPoints: "never", spanNulls: false }),
      options: {
        legend: { displayMode: "list", placement: "bottom", showLegend: true },
        tooltip: { mode: "multi", sort: "desc" },
      },
    },
  };
}

/** The newest value of each series, in large digits. */
export function stat(title: string, queries: readonly Query[], options: PanelOptions = {}): Panel {
  return {
    width: options.width ?? 4,
    height: options.height ?? 4,
    body: {
      type: "stat",
      title,
      datasource: PROMETHEUS,
      targets: targets(queries, true),
      fieldConfig: fieldConfig(options),
      options: {
        reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
        colorMode: "value",
        graphMode: "none",
        textMode: queries.length > 1 ? "value_and_name" : "auto",
      },
    },
  };
}

/** The newest value of each series as a row. The labels are the columns. */
export function table(title: string, query: Query, options: PanelOptions = {}): Panel {
  return {
    width: options.width ?? 12,
    height: options.height ?? 8,
    body: {
      type: "table",
      title,
      datasource: PROMETHEUS,
      targets: [
        {
          refId: "A",
          datasource: PROMETHEUS,
          expr: query.expr,
          instant: true,
          range: false,
          format: "table",
        },
      ],
      transformations: [
        { id: "organize", options: { excludeByName: { Time: true, __name__: true } } },
      ],
      fieldConfig: fieldConfig(options),
      options: { showHeader: true, cellHeight: "sm" },
    },
  };
}

/** The state of each series over time. `states` has the name and the colour of each value. */
export function stateTimeline(
  title: string,
  query: Query,
  states: readonly { readonly value: number; readonly text: string; readonly color: string }[],
  options: PanelOptions = {},
): Panel {
  const mapping = states.map(({ value, text, color }, index): [string, Json] => [
    String(value),
    { text, color, index },
  ]);
  return {
    width: options.width ?? COLUMNS,
    height: options.height ?? 8,
    body: {
      type: "state-timeline",
      title,
      datasource: PROMETHEUS,
      targets: targets([query], false),
      fieldConfig: {
        defaults: {
          custom: { fillOpacity: 80, lineWidth: 0 },
          mappings: [{ type: "value", options: Object.fromEntries(mapping) }],
        },
        overrides: [],
      },
      options: { mergeValues: true, showValue: "auto", rowHeight: 0.8 },
    },
  };
}

/** Log lines that a LogQL query finds. */
export function logs(title: string, expr: string, options: PanelOptions = {}): Panel {
  return {
    width: options.width ?? COLUMNS,
    height: options.height ?? 14,
    body: {
      type: "logs",
      title,
      datasource: LOKI,
      targets: [{ refId: "A", datasource: LOKI, expr, queryType: "range" }],
      options: {
        showTime: true,
        wrapLogMessage: true,
        sortOrder: "Descending",
        enableLogDetails: true,
        dedupStrategy: "none",
      },
    },
  };
}

/** How many log lines a LogQL query counts over time. */
export function logVolume(
  title: string,
  expr: string,
  legend: string,
  options: PanelOptions = {},
): Panel {
  return {
    width: options.width ?? 12,
    height: options.height ?? 7,
    body: {
      type: "timeseries",
      title,
      datasource: LOKI,
      targets: [{ refId: "A", datasource: LOKI, expr, legendFormat: legend, queryType: "range" }],
      fieldConfig: fieldConfig(options, {
        drawStyle: "bars",
        fillOpacity: 60,
        stacking: { mode: "normal" },
      }),
      options: { legend: { displayMode: "list", placement: "bottom", showLegend: true } },
    },
  };
}
