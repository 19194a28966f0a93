import { statusWords } from "../../kit/look/status-words";
import { printable } from "../../kit/terminal/printable";
import type { Section } from "./collect";
import type { Diagnosis, MachineEvidence } from "./report";

/** Lines of one section that people are shown; report.json has all. */
const LINES = 120;

/** The report for people: the findings, the machines, then the sections of each machine. */
export function renderMarkdown({ stack, at, findings, machines }: Diagnosis): string {
  const noted = findings.map((finding) => `- ${oneLine(finding)}`);
  return [
    `# Diagnosis of ${stack}, ${at}`,
    "Secrets were removed. `report.json` in the same folder has every section in full.",
    "## Findings",
    noted.length === 0 ? "Nothing." : noted.join("\n"),
    "## Machines",
    renderTable(machines),
    ...machines.flatMap(renderMachine),
  ]
    .join("\n\n")
    .concat("\n");
}

function renderTable(machines: readonly MachineEvidence[]): string {
  const rows = machines.map(({ machine, address, status, error, sections }) => {
    const state = statusWords(status);
    const why = error === null ? "" : oneLine(error.split("\n")[0] ?? "").replaceAll("|", "\\|");
    return `| ${machine} | ${address} | ${state} | ${sections.length} | ${why} |`;
  });
  const head = [
    "| machine | address | state | sections | why |",
    "| --- | --- | --- | --- | --- |",
  ];
  return [...head, ...rows].join("\n");
}

function renderMachine({ machine, sections }: MachineEvidence): string[] {
  if (sections.length === 0) return [];
  return [`## ${machine}`, ...sections.flatMap(renderSection)];
}

function renderSection({ name, code, text }: Section): string[] {
  const lines = printable(text).trimEnd().split("\n");
  const shown = lines.slice(-LINES);
  const left = lines.length - shown.length;
  const notes = [
    ...(code === 0 ? [] : [`ended with ${code === 124 ? "a time-out" : `code ${code}`}`]),
    ...(left > 0 ? [`the last ${LINES} of ${lines.length} lines`] : []),
  ];
  const body = shown.join("\n");
  // A Markdown fence that is longer than any in the text, so that the text cannot end it.
  const longest = Math.max(2, ...[...body.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return [
    `### ${oneLine(name)}${notes.length > 0 ? ` (${notes.join("; ")})` : ""}`,
    body === "" ? "Nothing." : `${fence}text\n${body}\n${fence}`,
  ];
}

function oneLine(text: string): string {
  return printable(text).replaceAll("\n", " ");
}

/** What the terminal shows: the machines, the findings, and where the report is. */
export function renderSummary(diagnosis: Diagnosis, files: readonly string[]): string {
  const lines = [
    ...diagnosis.machines.map(({ machine, status, sections }) => {
      const count = sections.length > 0 ? `, ${sections.length} sections` : "";
      return `${machine}: ${statusWords(status)}${count}`;
    }),
    ...diagnosis.findings.map((finding) => `- ${oneLine(finding)}`),
    `written: ${files.join(", ")}`,
  ];
  return `${lines.join("\n")}\n`;
}
