import { dashboards } from "../../../components/monitoring/dashboards";
import { ruleGroups } from "../../../components/monitoring/rules";

/** A PromQL expression, and where it stands. */
export interface Found {
  readonly where: string;
  readonly expr: string;
}

/** Every PromQL expression of ours, Grafana's variables put in. */
export function promQlQueries(): Found[] {
  const rules = ruleGroups.flatMap(({ name, rules }) =>
    rules.map((rule) => ({
      where: `${name}: ${"alert" in rule ? rule.alert : rule.record}`,
      expr: rule.expr,
    })),
  );
  const panels = dashboards.flatMap(({ uid, rows }) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap(({ body }) => {
        const targets = Array.isArray(body["targets"]) ? body["targets"] : [];
        return targets.flatMap((target: unknown): Found[] => {
          if (typeof target !== "object" || target === null) return [];
          const expr: unknown = Reflect.get(target, "expr");
          const source: unknown = Reflect.get(target, "datasource");
          const uidOfSource: unknown =
            typeof source === "object" && source !== null ? Reflect.get(source, "uid") : "";
          if (typeof expr !== "string" || uidOfSource !== "prometheus") return [];
          return [{ where: `${uid}: ${String(body["title"])}`, expr: fillIn(expr) }];
        });
      }),
    ),
  );
  return [...rules, ...panels];
}

function fillIn(expr: string): string {
  return expr
    .replaceAll("$__range", "1h")
    .replaceAll("$__rate_interval", "5m")
    .replace(/\$[a-z]+/g, ".+");
}
