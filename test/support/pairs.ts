/**
 * A few of the combinations that hold each pair of settings, of two keys, that is in any of them: a fault that takes
 * more than two settings together is rare. Which ones depends on the combinations alone.
 */
export function everyPair<Combination extends object>(
  combinations: readonly Combination[],
): Combination[] {
  const candidates = combinations.map((one) => ({ one, pairs: pairsOf(one) }));
  const open = new Set(candidates.flatMap(({ pairs }) => pairs));
  const chosen: Combination[] = [];
  while (open.size > 0) {
    const count = (pairs: readonly string[]): number => pairs.filter((p) => open.has(p)).length;
    const best = candidates.reduce((a, b) => (count(b.pairs) > count(a.pairs) ? b : a));
    chosen.push(best.one);
    for (const pair of best.pairs) open.delete(pair);
  }
  return chosen;
}

function pairsOf(one: object): string[] {
  const settings = Object.entries(one).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return settings.flatMap((a, i) => settings.slice(i + 1).map((b) => `${a} ${b}`));
}
