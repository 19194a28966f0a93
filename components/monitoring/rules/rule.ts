import { MINUTE, type AlertGroup, type AlertRule, type RecordingRule } from "../../shared/alerts";
import { ASLEEP } from "../../shared/metrics";
import { renderDuration } from "../../shared/units";
import type { Json } from "../../shared/json";

export { MINUTE };
export type { AlertGroup as RuleGroup, AlertRule, RecordingRule };

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
export function renderRuleFile(group: AlertGroup) {
  return { groups: [{ name: `vmstation-${group.name}`, rules: group.rules.map(renderRule) }] };
}
