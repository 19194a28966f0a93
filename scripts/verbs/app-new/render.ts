import { stringify } from "yaml";
import type { Problem } from "../../../components/shared/problem";
import { completeCommands, renderCommand } from "../../kit/advice";
import type { Draft } from "./draft";

/** The block of an app as lines of a stack's file. */
export function renderBlock(name: string, draft: Draft): string[] {
  return stringify({ [name]: draft }, { lineWidth: 0 })
    .trimEnd()
    .split("\n");
}

interface Done {
  readonly name: string;
  readonly stack: string;
  readonly file: string;
  readonly changed: boolean;
  readonly block: readonly string[];
  readonly open: readonly Problem[];
}

/** What was written, and what is still to be filled in. */
export function renderDone({ name, stack, file, changed, block, open }: Done): string {
  const head = changed ? `Wrote the app ${name} into ${file}:` : `Would write into ${file}:`;
  const shown = block.map((line) => `  ${line}`).join("\n");
  const missing = open.map(
    ({ path, found, accepted }) =>
      `  vmstation:${path}\n    found    ${found}\n    accepted ${completeCommands(accepted, { stack })}`,
  );
  const next = renderCommand({ stack }, "preview");
  const todo =
    open.length === 0
      ? `Nothing is missing. Next: ${next}`
      : `To fill in:\n${missing.join("\n")}\nThen: ${next}`;
  const more = `All keys: ${renderCommand({}, "config", "apps.NAME")}`;
  return `${head}\n\n${shown}\n\n${todo}\n${more}\n`;
}

export const renderMachines = (names: readonly string[]): string =>
  `one of ${names.join(", ")}; or anywhere, on any machine that is always on`;

export function renderTaken(name: string, stack: string): string {
  return (
    `The stack ${stack} has the app ${name} already. ` +
    `To see its apps: ${renderCommand({ stack }, "app", "list")}`
  );
}

export function renderSources(): string {
  return [
    "Name what the app is made of, by one of:",
    "  --manifests apps/notes.yaml",
    "  --kustomize apps/notes",
    "  --chart notes --repository https://charts.example.org --chart-version 1.2.0",
  ].join("\n");
}

/** Of a chart whose repository could not be asked. */
export function renderUnseen(reason: string): string {
  return `The chart was not looked at, so ports and volumes are guesses. Helm could not fetch it: ${reason}\n`;
}

export function renderUnwritable(
  file: string,
  { message }: Error,
  block: readonly string[],
): string {
  const shown = block.map((line) => `    ${line}`).join("\n");
  return `${file} cannot be changed by a program: ${message}. Write it yourself, below vmstation:apps:\n${shown}`;
}
