/** One line of the result: a figure and what it must not exceed. */
export interface Row {
  what: string;
  /** As measured, such as "1.32 s against 0.71 s". */
  measured: string;
  value: number;
  goal: number;
  unit: "x" | "GB" | "MB" | "%" | "s";
}

export function isMet({ value, goal }: Row): boolean {
  return value <= goal;
}

export function renderTable(rows: readonly Row[]): string {
  const cells = [
    ["what", "measured", "figure", "goal", ""],
    ...rows.map((row) => [
      row.what,
      row.measured,
      renderFigure(row.value, row.unit),
      `≤ ${renderFigure(row.goal, row.unit)}`,
      isMet(row) ? "met" : "MISSED",
    ]),
  ];
  const widths = cells[0]?.map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  );
  return cells
    .map((line) => line.map((cell, column) => cell.padEnd(widths?.[column] ?? 0)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

function renderFigure(value: number, unit: Row["unit"]): string {
  return `${value.toFixed(2)} ${unit}`;
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

/** Milliseconds of two things, as a ratio. */
export function compareTimes(what: string, a: number, b: number, goal: number): Row {
  const measured = `${seconds(a)} against ${seconds(b)}`;
  return { what, measured, value: a / b, goal, unit: "x" };
}
