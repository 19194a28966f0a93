import { closest } from "fastest-levenshtein";
import { renderCommand } from "../../kit/advice";

export interface Removal {
  readonly app: string;
  readonly file: string;
  /** "/var/lib/notes on nas": what is kept. */
  readonly folders: readonly string[];
  readonly claims: readonly string[];
  /** Secrets of the stack that nothing else names. */
  readonly secrets: readonly string[];
}

/** What goes, and what is kept. */
export function renderRemoval({
  app,
  file,
  folders,
  claims,
  secrets,
  stack,
  changed,
}: Removal & { readonly stack: string; readonly changed: boolean }): string {
  const kept = [
    ...folders.map((folder) => `Kept: the folder ${folder}.`),
    ...claims.map((claim) => `Kept: the volume of the claim ${claim}.`),
    ...secrets.map(
      (name) =>
        `Kept: the secret ${name}. To remove it: ${renderCommand({ stack }, "pulumi", "config", "rm", `vmstation:${name}`)}`,
    ),
  ];
  const head = changed
    ? `Took ${app} out of ${file}.`
    : `Takes ${app} out of ${file}. The next update removes its namespace with what runs in it.`;
  const next = changed
    ? [`Its namespace goes with the next update: ${renderCommand({ stack }, "up")}`]
    : [];
  return `${[head, ...kept, ...next].join("\n")}\n`;
}

export const renderQuestion = (app: string): string => `Take ${app} out of the stack?`;

export function renderUnknown(name: string, names: readonly string[], stack: string): string {
  const list =
    names.length === 0
      ? "It has none."
      : `Its apps: ${names.join(", ")}. Did you mean ${closest(name, names)}?`;
  return `The stack ${stack} has no app ${name}. ${list}`;
}

export function renderUnwritable(file: string, { message }: Error, name: string): string {
  return `${file} cannot be changed by a program: ${message}. Take ${name} out of vmstation:apps yourself.`;
}
