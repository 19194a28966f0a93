import type { z } from "zod";
import { listRows, readSchema, type Row } from "./rows";

/** Every key of the configuration as Markdown, a table for each layer. */
export function renderReference(schema: z.ZodType): string {
  const root = readSchema(schema);
  const layers = Object.entries(root.properties ?? {}).map(([name, layer]) => {
    const rows = listRows("", layer).filter((row) => row.key !== "");
    const about = layer.description === undefined ? "" : `${layer.description}.\n\n`;
    return `## \`vmstation:${name}\`\n\n${about}${renderTable(rows)}`;
  });
  return `# Configuration

Structured keys of \`Pulumi.<stack>.yaml\`, one for each layer. \`NAME\` and \`/PATH\` stand for keys that you choose;
\`[]\` for each entry of a list. A key without a default and not marked optional has to be there. Durations are
written \`15m\` or \`2h\`, sizes \`25Gi\` or \`500M\`. Secrets are flat keys beside these, named by the keys that end in
\`Secret\`.

A stack's file is YAML. What several machines have in common is written once: give one of them an anchor
(\`alpha: &worker\`), put it into the others (\`<<: *worker\`), and write below that what is different. The Pulumi CLI
reads it the same way, but \`pulumi config set\` writes every value out again: change such a file in an editor.

This page is written by \`npm run docs\`, as is docs/stack.schema.json, by which an editor completes and explains these
keys. \`npx vmstation config machines\` explains one layer in the terminal.

${layers.join("\n")}`;
}

function renderTable(rows: readonly Row[]): string {
  const line = ({ key, value, about }: Row): string => `| \`${key}\` | ${value} | ${about} |\n`;
  return `| key | value | |\n| --- | --- | --- |\n${rows.map(line).join("")}`;
}
