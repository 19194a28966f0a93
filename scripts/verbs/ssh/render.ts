/** Before the session: the machine sleeps. */
export function renderWaking(name: string): string {
  return `waking ${name}\n`;
}

/** Why there is no session. */
export function renderNotWoken(name: string, why: readonly string[]): string {
  return `${name} did not wake: ${why.join("; ")}`;
}
