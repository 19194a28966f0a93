import * as fs from "node:fs";
import * as path from "node:path";
import { missing, readManifest } from "./manifests";
import { readDocument } from "./read-yaml";
import { isRecord, merge, type Finding, type Reading } from "./objects";

const NAMES = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** Keys that change nothing that the frame is about, or only what it sets itself. */
const PLAIN = new Set([
  ...["apiVersion", "kind", "metadata", "resources", "bases", "components", "namespace"],
  ...["labels", "commonLabels", "commonAnnotations", "images", "configMapGenerator"],
  ...["generatorOptions", "secretGenerator", "helmCharts", "helmChartInflationGenerator"],
]);

export interface KustomizationReading {
  readonly reading: Reading;
  /** Whether the objects are those that Kustomize makes, but for names and labels that it adds. */
  readonly isWhole: boolean;
}

/** A Kustomize folder as far as it can be read without Kustomize: the objects of its files. */
export function readKustomization(
  folder: string,
  project: string,
  seen: readonly string[] = [],
): KustomizationReading {
  const name = NAMES.find((each) => fs.existsSync(path.join(project, folder, each)));
  if (name === undefined || seen.includes(folder)) {
    return { reading: missing(folder, "a folder with a kustomization.yaml"), isWhole: false };
  }
  const file = path.join(folder, name);
  const content = readYaml(path.join(project, file));
  if (!isRecord(content)) {
    return { reading: missing(file, "a kustomization with resources"), isWhole: false };
  }
  const texts = ["resources", "bases", "components"].flatMap((key) => listTexts(content[key]));
  const parts = texts.map((text) =>
    readResource(text, file, { folder, project, seen: [...seen, folder] }),
  );
  return {
    reading: merge([
      ...parts.map(({ reading }) => reading),
      { objects: [], findings: judge(content, file) },
    ]),
    isWhole: parts.every(({ isWhole }) => isWhole) && Object.keys(content).every(isPlain),
  };
}

const isPlain = (key: string): boolean => PLAIN.has(key);

const readYaml = (file: string): unknown => readDocument(fs.readFileSync(file, "utf8"));

const listTexts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];

interface Where {
  readonly folder: string;
  readonly project: string;
  readonly seen: readonly string[];
}

function readResource(text: string, file: string, where: Where): KustomizationReading {
  const { folder, project, seen } = where;
  const accepted = "a file or a folder of the project: what comes from elsewhere can change";
  const outside = (found: string): KustomizationReading => ({
    reading: { objects: [], findings: [{ where: file, found, accepted }] },
    isWhole: false,
  });
  if (/^[a-z+]+:\/\/|^git@|\?ref=|^[\w.-]+\.[a-z]+\/[^/]+\/[^/]+/.test(text)) {
    return outside(`the resource ${text}, which is not in the project`);
  }
  const target = path.normalize(path.join(folder, text));
  if (target.startsWith("..")) return outside(`the resource ${text}, outside of the project`);
  const at = path.join(project, target);
  if (fs.existsSync(at) && fs.statSync(at).isDirectory()) {
    return readKustomization(target, project, seen);
  }
  return { reading: readManifest(target, project), isWhole: true };
}

/** What a kustomization itself says against the frame. */
function judge(content: Readonly<Record<string, unknown>>, file: string): Finding[] {
  const at = (found: string, accepted: string): Finding => ({ where: file, found, accepted });
  const hasCharts = "helmCharts" in content || "helmChartInflationGenerator" in content;
  return [
    ...("secretGenerator" in content
      ? [
          at(
            "a secretGenerator",
            "secrets of the app: secrets: { NAME: { KEY: nameOfASecretKey } }",
          ),
        ]
      : []),
    ...(hasCharts ? [at("helmCharts", "kind: chart, as an app of its own")] : []),
  ];
}
