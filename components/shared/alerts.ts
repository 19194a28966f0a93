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
export interface AlertGroup {
  readonly name: string;
  readonly rules: readonly (AlertRule | RecordingRule)[];
}

export const MINUTE = 60;
