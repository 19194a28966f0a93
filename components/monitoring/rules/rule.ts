import { ASLEEP } from "../../shared/metrics";
import { renderDuration } from "../../shared/units";
import type { Json } from "../json";

export type Severity = "warning" | "critical";

/** One alert. */
export interface AlertRule {
  readonly alert: string;
  /** PromQL; each series of its result is one alert. */
  readonly expr: string;
  /** Seconds that it must hold for. */
  readonly forSeconds: number;
  readonly severity: Severity;
  /** One line; {{ $labels.x }} and {{ $value }} are filled in by Prometheus. */
  readonly summary: string;
  /** What to look at. */
  readonly description: string;
}

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** The rules about one subject: a PrometheusRule object and a group of that name. */
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly (AlertRule | RecordingRule)[];
}

export const MINUTE = 60;

/** `expr` without the series of machines that sleep on purpose. The series must have the label `node`. */
export function unlessAsleep(expr: string): string {
  return `(${expr}) unless on (node) (${ASLEEP} == 1)`;
}

function renderRule(rule: AlertRule | RecordingRule): Json {
  if ("record" in rule) return { record: rule.record, expr: rule.expr };
  return {
    alert: rule.alert,
    expr: rule.expr,
    for: renderDuration(rule.forSeconds),
    labels: { severity: rule.severity },
    annotations: { summary: rule.summary, description: rule.description },
  };
}

/** The group as a rule file of Prometheus, which is also the spec of a PrometheusRule. */
export function renderRuleFile(group: RuleGroup) {
  return { groups: [{ name: `vmstation-${group.name}`, rules: group.rules.map(renderRule) }] };
}
