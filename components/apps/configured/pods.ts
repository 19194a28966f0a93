import { isRecord, listAt, mapAt, type KubeObject } from "./objects";

/** Where each kind keeps the pods that it makes. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  ReplicationController: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
  Pod: [],
};

export const POD_KINDS = Object.keys(TEMPLATES);

/** The keys that lead to an object's pod template; undefined where it makes no pods. */
export function templatePath({ kind }: Pick<KubeObject, "kind">): readonly string[] | undefined {
  return TEMPLATES[kind];
}

type Spec = Readonly<Record<string, unknown>>;

/** The spec of the pods that an object makes; undefined where it makes none. */
export function podSpecOf(object: KubeObject): Spec | undefined {
  const path = templatePath(object);
  return path === undefined ? undefined : mapAt(object, ...path, "spec");
}

/** All containers of a pod. */
export function containersOf(spec: Spec): Spec[] {
  return ["initContainers", "containers", "ephemeralContainers"].flatMap((key) =>
    listAt(spec, key),
  );
}

/** A copy of `value` in which what stands at `path` is what `change` makes of it. */
export function changeAt(
  value: unknown,
  [key, ...rest]: readonly string[],
  change: (found: unknown) => unknown,
): unknown {
  if (key === undefined) return change(value);
  const map = isRecord(value) ? value : {};
  const next = changeAt(map[key], rest, change);
  if (next === undefined) {
    return Object.fromEntries(Object.entries(map).filter(([name]) => name !== key));
  }
  return { ...map, [key]: next };
}
