export type Variables = Readonly<Record<string, unknown>>;

/** A group as it is written; "all" and "ungrouped" are there only where they are written too. */
export interface Group {
  readonly hosts: Map<string, Variables>;
  readonly children: string[];
  variables: Variables;
}

export type Groups = Map<string, Group>;

/** The group of that name, made where it is not there yet. */
export function groupNamed(groups: Groups, name: string): Group {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const created: Group = { hosts: new Map(), children: [], variables: {} };
  groups.set(name, created);
  return created;
}
