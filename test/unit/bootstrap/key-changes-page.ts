import type { KeyChange } from "../../../components/bootstrap/key-changes";
import { METHODS } from "../../../components/bootstrap/methods";

function cell(change: KeyChange | undefined): string {
  switch (change?.kind) {
    case undefined:
      return "no such key";
    case "takes effect":
      return `takes effect: ${change.how}`;
    case "refused":
      return `refused${change.when === "changed" ? "" : ` where it is ${change.when}`}: ${change.instead}`;
    case "one value":
    case "unused":
      return `${change.kind}: ${change.why}`;
  }
}

/** docs/running-cluster.md, written from the one table. */
export function renderKeyChanges(): string {
  const keys = new Set(METHODS.flatMap(({ keyChanges }) => Object.keys(keyChanges)));
  const rows = [...keys].map(
    (key) => `| \`${key}\` | ${METHODS.map((one) => cell(one.keyChanges[key])).join(" | ")} |`,
  );
  return `# Changing keys under a running cluster

What becomes of each key of \`vmstation:bootstrap\` and \`vmstation:network\` when it changes while the cluster runs, by
method. A refusal comes before anything is touched, names every such key at once, and stands in the preview too where the
stack has a record of the cluster (Kubespray). What the cluster was installed with is kept on the machines; where that
record is missing, what the machine shows counts. "Takes effect" means that the next \`up\` does it.

This table is written by \`WRITE_DOCS=1 npx mocha test/unit/bootstrap/key-changes.test.ts\`.

<!-- prettier-ignore -->
| key | ${METHODS.map(({ title }) => title).join(" | ")} |
| --- |${METHODS.map(() => " --- |").join("")}
${rows.join("\n")}
`;
}
