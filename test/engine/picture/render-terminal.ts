/** A line of a terminal's output, with its colours as escape sequences, and when it came. */
export interface Line {
  readonly text: string;
  /** Milliseconds from the beginning. */
  readonly at: number;
}

export interface TerminalArgs {
  readonly lines: readonly Line[];
  /** What was typed. */
  readonly command: string;
  /** Lines below the terminal, in small letters. */
  readonly caption: readonly string[];
  readonly rows: number;
  /** A longer line is cut, and ends in an ellipsis. */
  readonly columns: number;
  /** Seconds that the picture takes for all of it; it then rests on the end. */
  readonly seconds: number;
}

interface Run {
  readonly text: string;
  readonly style: string;
}

const SIZE = { width: 7.25, height: 17, margin: 14 };

/** Select graphic rendition (ECMA-48): the colours that Pulumi uses, by their numbers. */
const COLOURS: Readonly<Record<string, string>> = {
  ...{ "31": "r", "32": "g", "33": "y", "34": "b", "35": "m", "36": "c", "90": "d" },
  ...{ "91": "r", "92": "g", "93": "y", "94": "b", "95": "m", "96": "c" },
};

const STYLE = `text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#d0d7de;white-space:pre}
.r{fill:#ff7b72}.g{fill:#7ee787}.y{fill:#e3b341}.b{fill:#79c0ff}.m{fill:#d2a8ff}.c{fill:#76e3ea}.d{fill:#8b949e}.o{font-weight:bold}.n{font-size:11px;fill:#8b949e}`;

/** A picture of a terminal that scrolls through what was recorded, at its pace, and stops at the end. */
export function renderTerminal(args: TerminalArgs): string {
  const { rows, columns, seconds, caption } = args;
  const lines = [{ text: `\u001b[90m$\u001b[0m ${args.command}`, at: 0 }, ...args.lines];
  const width = Math.round(columns * SIZE.width + 2 * SIZE.margin);
  const end = rows * SIZE.height + 2 * SIZE.margin;
  const height = end + caption.length * SIZE.height;
  const said = caption.map((line, index) => {
    const y = end + index * SIZE.height;
    return `<text class="n" x="${SIZE.margin}" y="${y}">${escape(line)}</text>\n`;
  });
  const texts = lines
    .map(({ text }, row) => {
      const y = (row + 1) * SIZE.height - 4;
      return `<text y="${y}">${renderLine(text, columns)}</text>`;
    })
    .join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" xml:space="preserve">
<style>${STYLE}
#s{animation:s ${seconds}s step-end forwards}@keyframes s{${renderFrames(lines, rows)}}
@media (prefers-reduced-motion){#s{animation-duration:1ms}}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<svg x="${SIZE.margin}" y="${SIZE.margin}" width="${width - 2 * SIZE.margin}" height="${rows * SIZE.height}"><g id="s" transform="translate(0 ${place(lines.length, rows)})">
${texts}
</g></svg>
${said.join("")}</svg>
`;
}

/** One place of the scrolled text for each hundredth of the time in which something came. */
function renderFrames(lines: readonly Line[], rows: number): string {
  const end = Math.max(1, ...lines.map(({ at }) => at));
  const shown = new Map<number, number>();
  for (const [index, { at }] of lines.entries())
    shown.set(Math.floor((at / end) * 200) / 2, index + 1);
  return [...shown]
    .map(([percent, count]) => `${percent}%{transform:translateY(${place(count, rows)}px)}`)
    .join("");
}

/** Where the text has to lie while so many of its lines are there: what has not come is below the lower edge. */
function place(count: number, rows: number): number {
  return (rows - count) * SIZE.height;
}

function renderLine(text: string, columns: number): string {
  const runs = parseRuns(text);
  const length = runs.reduce((sum, run) => sum + run.text.length, 0);
  let room = length > columns ? columns - 1 : columns;
  const shown = runs.map(({ text: all, style }) => {
    const part = escape(all.slice(0, room));
    room -= Math.min(room, all.length);
    return style === "" || part === "" ? part : `<tspan class="${style}">${part}</tspan>`;
  });
  return length > columns ? `${shown.join("")}…` : shown.join("");
}

/** Parts of a line with the same colours. */
function parseRuns(text: string): Run[] {
  let [colour, bold] = ["", ""];
  return text.split(/(\u001b\[[\d;]*m)/).flatMap((part): Run[] => {
    const codes = /^\u001b\[([\d;]*)m$/.exec(part)?.[1];
    if (codes === undefined)
      return part === "" ? [] : [{ text: part, style: [colour, bold].filter(Boolean).join(" ") }];
    if (codes.startsWith("38;5;")) colour = EXTENDED[codes.slice(5)] ?? "";
    else
      for (const code of codes.split(";")) {
        if (code === "0" || code === "") [colour, bold] = ["", ""];
        else if (code === "1") bold = "o";
        else colour = COLOURS[code] ?? colour;
      }
    return [];
  });
}

/** Of the 256 colours, those that Pulumi uses. */
const EXTENDED: Readonly<Record<string, string>> = {
  ...{ "1": "r", "2": "g", "3": "y", "4": "b", "5": "m", "6": "c", "8": "d" },
  ...{ "9": "r", "10": "g", "11": "y", "12": "b", "13": "m", "14": "c" },
};

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
