import {
  parseAllDocuments,
  parseDocument,
  type LineCounter,
  type ScalarTag,
  type Tags,
} from "yaml";

/** Helm and kubectl read YAML by a library that takes these for true and false (go-yaml 2). */
const TRUE = /^(?:y|Y|yes|Yes|YES|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|off|Off|OFF)$/;

const truth = (test: RegExp, value: boolean): ScalarTag => ({
  ...{ tag: "tag:yaml.org,2002:bool", default: true, test },
  resolve: () => value,
});

/** It reads 0644 as octal. 12:30 and 2026-01-01 stay texts, unlike in YAML 1.1. */
const octal: ScalarTag = {
  ...{ tag: "tag:yaml.org,2002:int", default: true, format: "OCT", test: /^[-+]?0[0-7]+$/ },
  resolve: (text) => Number.parseInt(text, 8),
};

const customTags = (tags: Tags): Tags => [
  ...[truth(TRUE, true), truth(FALSE, false), octal],
  ...tags,
];

const OPTIONS = { schema: "core", merge: true, customTags } as const;

/** The documents of a file, as Kubernetes' programs read them. */
export function readDocuments(text: string, lineCounter: LineCounter) {
  const documents = parseAllDocuments(text, { ...OPTIONS, lineCounter });
  return Array.isArray(documents) ? documents : [];
}

/** What a file with one document says; undefined where it is no YAML. */
export function readDocument(text: string): unknown {
  const document = parseDocument(text, OPTIONS);
  return document.errors.length > 0 ? undefined : document.toJS();
}
