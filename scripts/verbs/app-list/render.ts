import { renderCommand } from "../../kit/advice";

export interface ListedApp {
  readonly name: string;
  readonly kind: string;
  /** What it is made of; empty for one that VMStation brings. */
  readonly source: string;
  readonly machine: string;
  readonly sleeps: boolean;
  readonly access: string;
  readonly url: string;
  /** On its machine. */
  readonly folders: readonly string[];
  /** Names of its secrets. */
  readonly secrets: readonly string[];
}

const HEAD = ["APP", "KIND", "MACHINE", "ACCESS", "ADDRESS"];

/** All apps as a table. */
export function renderApps(apps: readonly ListedApp[], stack: string): string {
  if (apps.length === 0) {
    const how = renderCommand({ stack }, "app", "new", "NAME", "--manifests", "FILE");
    return `The stack ${stack} has no apps. To add one: ${how}\n`;
  }
  const lines = [
    HEAD,
    ...apps.map(({ name, kind, machine, sleeps, access, url }) => [
      ...[name, kind, sleeps ? `${machine} (sleeps)` : machine, access, url],
    ]),
  ];
  const widths = HEAD.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const rows = lines.map((line) => line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  "));
  return rows.map((row) => `${row.trimEnd()}\n`).join("");
}
