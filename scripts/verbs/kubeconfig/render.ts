/** What `vmstation kubeconfig --json` prints. */
export interface Merged {
  readonly version: 1;
  readonly file: string;
  readonly context: string;
  readonly server: string;
  /** Where the access was read from. */
  readonly source: string;
  readonly changed: boolean;
  readonly dryRun: boolean;
  /** The context that kubectl uses by default. */
  readonly current: string;
}

/** The file, what became of it, and how to choose the context where another one is current. */
export function renderMerged(merged: Merged): string {
  const { file, context, server, changed, dryRun, current } = merged;
  const done = changed ? (dryRun ? "would be written" : "written") : "unchanged";
  const other =
    current === context ? "" : `; ${current} stays current (kubectl config use-context ${context})`;
  return `${file}: ${done}, context ${context} for ${server}${other}\n`;
}
