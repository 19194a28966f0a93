/** One mistake in the configuration, in the user's words. */
export interface Problem {
  /** The configuration key, such as "machines.homelab.mac". */
  readonly path: string;
  /** What stands there, shortened. */
  readonly found: string;
  /** What would be right, or what to do. */
  readonly accepted: string;
}

const LONGEST = 80;

/** A value as YAML's flow style shows it, on one line of at most 80 characters. */
export function renderFound(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
