import type { Unlisted } from "../../../components/bootstrap/downloads";
import { isMap, printableMap, type PrintableMap } from "../../engine/inspect";
import type { Registration } from "../../engine/registration";
import type { PropertyMap, PropertyValue } from "../../engine/values";

/** A release of the plan. */
export interface Release {
  readonly chart: string;
  readonly version: string;
  readonly repository: string;
  readonly name: string;
  readonly namespace: string;
  /** What the chart is given, secrets and what is not known yet replaced. */
  readonly values: PrintableMap;
  /** Images that the values name. */
  readonly pinned: readonly string[];
  /** The machine that its pods are bound to, where that is one. */
  readonly machine: string | undefined;
  readonly part: string;
}

const RELEASE = "kubernetes:helm.sh/v3:Release";
const HOSTNAME = "kubernetes.io/hostname";

type Planned = Pick<Registration, "type" | "name" | "inputs">;

/** Every chart of the plan. */
export function planReleases(resources: readonly Planned[]): Release[] {
  return resources
    .filter(({ type }) => type === RELEASE)
    .map(({ name: part, inputs }) => {
      const { values, repositoryOpts, name, namespace } = printableMap(inputs);
      const given = isObject(values) ? values : {};
      const reference = text(inputs.chart);
      const source = isObject(repositoryOpts) ? text(repositoryOpts.repo) : "";
      const slash = reference.lastIndexOf("/");
      return {
        chart: reference.slice(slash + 1),
        version: text(inputs.version),
        repository: source === "" ? reference.slice(0, slash) : source,
        name: text(name),
        namespace: text(namespace),
        values: given,
        pinned: pinnedBy(given),
        machine: selectedMachine(given),
        part,
      };
    });
}

/** Every image of the plan's own objects, with the machine that its pods are bound to, where that is one. */
export function planImages(
  resources: readonly Planned[],
): { image: string; machine: string | undefined; part: string }[] {
  return resources
    .filter(({ type }) => type.startsWith("kubernetes:") && type !== RELEASE)
    .flatMap(({ name: part, inputs }) => {
      const machine = findMachine(inputs);
      return imagesOf(inputs).map((image) => ({ image, machine, part }));
    });
}

/** Objects that other files hold, which the plan does not show. */
export function unreadable(resources: readonly Planned[]): Unlisted[] {
  return resources
    .filter(({ type }) => /^kubernetes:(kustomize|yaml)/.test(type))
    .map(({ name }) => ({
      what: `the images of the objects that ${name} takes from files`,
      advice: "copy the images that those files name",
    }));
}

/** `image: NAME:TAG` in a text that holds an object, as in a ConfigMap from which a program makes its pods. */
const IN_TEXT = /^\s*(?:- )?image: "?([\w./-]+:[\w.@:-]+)"?$/gm;

/** What `image` says in each container of an object. */
function imagesOf(value: PropertyValue): string[] {
  if (typeof value === "string")
    return [...value.matchAll(IN_TEXT)].flatMap(([, image]) => image ?? []);
  if (Array.isArray(value)) return value.flatMap((item: PropertyValue) => imagesOf(item));
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === "image" && typeof item === "string" ? [item] : imagesOf(item),
  );
}

/** Images that values say by `repository` and `tag`, as most charts take them. */
function pinnedBy(values: PrintableMap): string[] {
  const { registry, repository, tag } = values;
  const own =
    typeof repository === "string" && typeof tag === "string"
      ? [`${typeof registry === "string" ? `${registry}/` : ""}${repository}:${tag}`]
      : [];
  return [
    ...own,
    ...Object.values(values).flatMap((item) => (isObject(item) ? pinnedBy(item) : [])),
  ];
}

/** The machine of the outermost selector of a release's values. */
function selectedMachine({ nodeSelector }: PrintableMap): string | undefined {
  const machine = isObject(nodeSelector) ? nodeSelector[HOSTNAME] : undefined;
  return typeof machine === "string" ? machine : undefined;
}

function findMachine(value: PropertyValue): string | undefined {
  if (!isMap(value)) return undefined;
  const selector: PropertyValue = value.nodeSelector ?? null;
  const machine = isMap(selector) ? selector[HOSTNAME] : undefined;
  if (typeof machine === "string") return machine;
  return ["spec", "template"].map((key) => below(value, key)).find((name) => name !== undefined);
}

function below(value: PropertyMap, key: string): string | undefined {
  return findMachine(value[key] ?? null);
}

function isObject(value: PrintableMap[string] | undefined): value is PrintableMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
