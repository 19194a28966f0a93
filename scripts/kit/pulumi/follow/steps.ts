import type { PulumiArguments } from "../arguments";

/** Flags that only an update itself takes, with whether a value follows. */
const UPDATE_ONLY: ReadonlyMap<string, boolean> = new Map([
  ["--yes", false],
  ["-y", false],
  ["--skip-preview", false],
  ["-f", false],
  ["--continue-on-error", false],
]);

/** Flags that the update and its preview take alike, with whether a value follows. */
const COMMON: ReadonlyMap<string, boolean> = new Map([
  ["--stack", true],
  ["-s", true],
  ["--target", true],
  ["-t", true],
  ["--target-dependents", false],
  ["--exclude", true],
  ["-x", true],
  ["--exclude-dependents", false],
  ["--replace", true],
  ["--target-replace", true],
  ["--refresh", false],
  ["-r", false],
  ["--message", true],
  ["-m", true],
  ["--parallel", true],
  ["-p", true],
  ["--config", true],
  ["-c", true],
  ["--config-file", true],
  ["--diff", false],
  ["--ignore-protect", false],
  ["--expect-no-changes", false],
]);

/** How an update goes: first the CLI's own preview, where one is wanted, then the update itself. */
export interface UpdateSteps {
  /** The preview's words; undefined where it is skipped. */
  readonly preview?: readonly string[];
  readonly update: readonly string[];
  /** Whether nobody is asked between the two. */
  readonly yes: boolean;
}

/**
 * The steps of an update whose progress we show; undefined for one that is not ours to show, since it asks the CLI for a
 * display of its own or has a flag that we do not know.
 */
export function planSteps({ command, rest }: PulumiArguments): UpdateSteps | undefined {
  if (command !== "up" && command !== "destroy" && command !== "refresh") return undefined;
  const both: string[] = [];
  const own: string[] = [];
  for (let index = 0; index < rest.length; index++) {
    const arg = rest[index] ?? "";
    const [flag = "", value] = arg.split(/=(.*)/s);
    const takesValue = COMMON.get(flag) ?? UPDATE_ONLY.get(flag);
    if (takesValue === undefined) return undefined;
    const words = takesValue && value === undefined ? [arg, rest[++index] ?? ""] : [arg];
    (COMMON.has(flag) ? both : own).push(...words);
  }
  const has = (...flags: string[]): boolean =>
    own.some((word) => flags.includes(word) || flags.some((flag) => word === `${flag}=true`));
  const skips = has("--skip-preview", "-f");
  const preview = command === "up" ? ["preview"] : [command, "--preview-only"];
  const others = own.filter((word) => !/^(--yes|-y|--skip-preview|-f)(=|$)/.test(word));
  return {
    ...(skips ? {} : { preview: [...preview, ...both] }),
    update: [
      command,
      ...both.filter((word) => word !== "--diff"),
      ...others,
      "--yes",
      "--skip-preview",
    ],
    yes: has("--yes", "-y"),
  };
}
