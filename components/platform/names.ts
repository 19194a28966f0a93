/** The label by which charts name their pods, and the one that tells the pods of one chart apart. */
export function podsOf(name: string, component?: string): Readonly<Record<string, string>> {
  return {
    "app.kubernetes.io/name": name,
    ...(component === undefined ? {} : { "app.kubernetes.io/component": component }),
  };
}
