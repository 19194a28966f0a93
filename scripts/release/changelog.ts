/** What a release makes of the changelog. */
export interface Section {
  /** The whole file, with the section in place. */
  readonly text: string;
  /** The section alone, heading included: the tag's message. */
  readonly section: string;
}

/** "## 0.4.0 (2026-11-30)", "## 0.4.0 (not yet released)", "## Unreleased" */
const HEADING = /^## (\S+)(?: \(([^)]*)\))?$/m;
const OPEN = ["Unreleased", "not yet released"];

/**
 * Dates the section of what is not released yet. Where there is none, one is made of the titles of the commits since the
 * last release, which somebody has to write into words for users. Undefined where nothing has changed.
 */
export function releaseChangelog(
  text: string,
  { version, date, titles }: { version: string; date: string; titles: readonly string[] },
): Section | undefined {
  const heading = `## ${version} (${date})`;
  const newest = HEADING.exec(text);
  const [line = "", name = "", note = ""] = newest ?? [];
  const isOpen = OPEN.includes(name) || OPEN.includes(note);
  if (isOpen || name === version) {
    const whole = text.replace(line, () => heading);
    const section = sectionOf(whole, heading);
    return section.trim() === heading ? undefined : { text: whole, section };
  }
  if (titles.length === 0) return undefined;
  const section = `${heading}\n\n### Changed\n\n${titles.map((title) => `- ${title}.\n`).join("")}`;
  const at = newest?.index ?? text.length;
  return { text: `${text.slice(0, at)}${section}\n${text.slice(at)}`, section };
}

function sectionOf(text: string, heading: string): string {
  const from = text.indexOf(heading);
  const next = text.indexOf("\n## ", from);
  return text.slice(from, next < 0 ? undefined : next + 1);
}

/** The version of the newest section; undefined where it is not named yet. */
export function newestVersion(text: string): string | undefined {
  const name = HEADING.exec(text)?.[1];
  return name === "Unreleased" ? undefined : name;
}
