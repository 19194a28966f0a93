/** Something that the configuration leaves open: reported by preview and plan, and no error. */
export interface Warning {
  /** The configuration key, such as "machines.homelab.hostKey". */
  readonly path: string;
  /** What is left open, what follows, and the command that supplies it. */
  readonly message: string;
}

/** The line that goes through Pulumi's log. */
export function renderWarning(warning: Warning): string {
  return `${warning.path}: ${warning.message}`;
}

/** The warning in a line of Pulumi's log; a line that carries none is kept whole, with an empty path. */
export function parseWarning(text: string): Warning {
  const match = /^([A-Za-z][\w./-]*): (.*)$/s.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return { path: "", message: text };
  return { path: match[1], message: match[2] };
}
