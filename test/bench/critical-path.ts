export interface Chain {
  readonly milliseconds: number;
  /** From the first to the last. */
  readonly urns: readonly string[];
}

/** The longest chain of resources that wait for one another, in milliseconds. `durations` and `dependencies` by URN. */
export function longestChain(
  durations: ReadonlyMap<string, number>,
  dependencies: ReadonlyMap<string, readonly string[]>,
): Chain {
  const none: Chain = { milliseconds: 0, urns: [] };
  const longest = (chains: readonly Chain[]): Chain =>
    chains.reduce((most, each) => (each.milliseconds > most.milliseconds ? each : most), none);
  const known = new Map<string, Chain>();
  const upTo = (urn: string): Chain => {
    const found = known.get(urn);
    if (found !== undefined) return found;
    const before = longest((dependencies.get(urn) ?? []).map(upTo));
    const chain = {
      milliseconds: before.milliseconds + (durations.get(urn) ?? 0),
      urns: [...before.urns, urn],
    };
    known.set(urn, chain);
    return chain;
  };
  return longest([...durations.keys()].map(upTo));
}
