/** "0.4.0"; undefined for anything else. */
export function parseVersion(text: string): readonly number[] | undefined {
  const [, ...numbers] = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(text) ?? [];
  return numbers.length === 3 ? numbers.map(Number) : undefined;
}

/** The versions that may follow one: its next patch, minor or major. */
export function nextVersions(version: string): string[] {
  const [major = 0, minor = 0, patch = 0] = parseVersion(version) ?? [];
  return [`${major}.${minor}.${patch + 1}`, `${major}.${minor + 1}.0`, `${major + 1}.0.0`];
}
