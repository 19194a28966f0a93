import { Document, isScalar, visit } from "yaml";

/** Words that are no plain text to some reader, although both versions of YAML leave them as they are. */
const SPECIAL = /^(0o[0-7]+|=)$/;

/**
 * Documents for programs that read YAML 1.1, as those in Go and Python do, or 1.2: a text stays a text to each of them.
 * `yes`, `on` and `12:30` are quoted, which only YAML 1.2 takes for texts.
 */
export function renderYaml(...documents: readonly unknown[]): string {
  return documents.map(renderDocument).join("---\n");
}

function renderDocument(value: unknown): string {
  const document = new Document(value, { version: "1.1" });
  visit(document, {
    Scalar: (_, node) => {
      if (isScalar(node) && typeof node.value === "string" && SPECIAL.test(node.value))
        node.type = "QUOTE_DOUBLE";
    },
  });
  return document.toString({ lineWidth: 0, directives: false });
}
