import type { Registration } from "./registration";

/** What must be there before a resource: its parent, its provider and what it depends on. */
export function prerequisites(registration: Registration): Set<string> {
  const { parent, provider, dependencies, propertyDependencies } = registration;
  const urns = new Set([...dependencies, ...Object.values(propertyDependencies).flat()]);
  if (parent !== undefined) urns.add(parent);
  if (provider !== undefined) urns.add(provider);
  urns.delete(registration.urn);
  return urns;
}

/**
 * The resources in the order of the graph: nothing before what it needs, and of those that could
 * come next the one with the smallest URN, so the order does not depend on timing.
 */
export function sortByGraph(registrations: Iterable<Registration>): Registration[] {
  const waiting = new Map<string, number>();
  const dependents = new Map<string, Registration[]>();
  const all = new Map<string, Registration>();
  for (const registration of registrations) all.set(registration.urn, registration);
  const ready = new SortedQueue();
  for (const registration of all.values()) {
    const known = [...prerequisites(registration)].filter((urn) => all.has(urn));
    waiting.set(registration.urn, known.length);
    for (const urn of known) push(dependents, urn, registration);
    if (known.length === 0) ready.add(registration.urn);
  }
  const result: Registration[] = [];
  for (let urn = ready.take(); urn !== undefined; urn = ready.take()) {
    const registration = all.get(urn);
    if (registration !== undefined) result.push(registration);
    for (const dependent of dependents.get(urn) ?? []) {
      const left = (waiting.get(dependent.urn) ?? 0) - 1;
      waiting.set(dependent.urn, left);
      if (left === 0) ready.add(dependent.urn);
    }
  }
  if (result.length < all.size) throw new Error("the graph of the resources has a cycle");
  return result;
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** A binary heap of strings. */
class SortedQueue {
  private readonly items: string[] = [];

  add(item: string): void {
    let index = this.items.push(item) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!this.swapIfLess(index, above)) return;
      index = above;
    }
  }

  take(): string | undefined {
    const first = this.items[0];
    const last = this.items.pop();
    if (first === undefined || last === undefined || this.items.length === 0) return first;
    this.items[0] = last;
    for (let index = 0; ;) {
      const left = 2 * index + 1;
      const smaller = this.less(left + 1, left) ? left + 1 : left;
      if (!this.swapIfLess(smaller, index)) return first;
      index = smaller;
    }
  }

  private less(a: number, b: number): boolean {
    const [itemA, itemB] = [this.items[a], this.items[b]];
    return itemA !== undefined && itemB !== undefined && itemA < itemB;
  }

  private swapIfLess(a: number, b: number): boolean {
    const [itemA, itemB] = [this.items[a], this.items[b]];
    if (itemA === undefined || itemB === undefined || itemA >= itemB) return false;
    this.items[a] = itemB;
    this.items[b] = itemA;
    return true;
  }
}
