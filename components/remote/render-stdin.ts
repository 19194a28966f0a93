import { renderHeader, type StepHeader } from "./header";
import { readScript, type Setting, type Step, type StepFile, stepsOf, type Work } from "./step";

/** What a script says of itself, for its error messages and its lock. */
export interface StdinContext {
  readonly machine: string;
  /** Seconds to wait for another run on the machine. */
  readonly lockSeconds: number;
}

/** The text of every command, before its verb; what it runs arrives by standard input. */
export const RUN = "sudo -n sh -eus";

const NAME = /^[A-Z][A-Z0-9_]*$/;
const PLAIN = /^[\x20-\x7e\n\t]*$/;

/** A shell word that means exactly `text`, whatever characters it has. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function renderSetting([name, value]: [string, Setting]): string {
  if (!NAME.test(name)) throw new Error(`not a shell variable in capitals: ${name}`);
  const text = typeof value === "object" ? value.join("\n") : String(value);
  if (PLAIN.test(text)) return `  ${name}=${quote(text)}`;
  // Shells differ in what they do to bytes above ASCII; the dot keeps trailing newlines.
  const base64 = Buffer.from(text, "utf8").toString("base64");
  return `  ${name}=$(printf %s ${base64} | base64 -d; printf .); ${name}=\${${name}%.}`;
}

function delimiterFor(content: string): string {
  let delimiter = "END_OF_FILE";
  while (content.split("\n").includes(delimiter)) delimiter += "_";
  return delimiter;
}

/** Plain text stays readable, so that a preview's diff shows the line that changes; the rest is base64. */
function renderFile(file: StepFile): string {
  const plain = PLAIN.test(file.content) && (file.content === "" || file.content.endsWith("\n"));
  const words = [
    plain ? "file" : "file64",
    quote(file.path),
    file.mode ?? "0644",
    quote(file.owner ?? "root:root"),
    file.validate ?? "none",
    file.secret === true ? "secret" : "public",
  ];
  const delimiter = delimiterFor(plain ? file.content : "");
  const body = plain
    ? file.content
    : `${Buffer.from(file.content, "utf8").toString("base64").replace(/.{76}/g, "$&\n")}\n`;
  return `  ${words.join(" ")} <<'${delimiter}'\n${body}${delimiter}`;
}

const stripped = new Map<string, string>();

/** A script without its comments. Each text is processed once, no matter how many machines get it. */
function stripComments(shell: string): string {
  let text = stripped.get(shell);
  if (text === undefined) {
    text = shell
      .split("\n")
      .filter((line) => !/^\s*#/.test(line))
      .join("\n");
    stripped.set(shell, text);
  }
  return text;
}

/** What a library is built on comes with it. */
function withNeeds(name: string): readonly string[] {
  return name === "files" ? [name, "folders"] : [name];
}

function libraryFile(name: string): string {
  return name === "agent" ? "agent/files/agent.sh" : `files/${name}.sh`;
}

/** One step as a function that defines it, so that each can have its own in a shell of its own. */
function renderPart(step: Step, index: number): string {
  const settings: [string, Setting][] = [
    ["STEP", step.name],
    ...Object.entries(step.settings ?? {}),
  ];
  return [
    `part_${index + 1}() {`,
    stripComments(step.script).trim(),
    `settings() {\n${settings.map(renderSetting).join("\n")}\n}`,
    `files() {\n  :\n${(step.files ?? []).map(renderFile).join("\n")}\n}`,
    "}",
  ].join("\n");
}

/**
 * The script that `sudo -n sh -eus VERB` reads: libraries, the steps with their data, and on the last line the one
 * call, whose own input is empty so that no command can eat the rest of the script.
 */
export function renderStdin(work: Work, context: StdinContext): string {
  const steps = stepsOf(work);
  const library = (name: string): string =>
    stripComments(readScript(__dirname, libraryFile(name))).trim();
  const settings: [string, Setting][] = [
    ["MACHINE", context.machine],
    ["LOCK_SECONDS", context.lockSeconds],
    ["GROUP", work.name],
    ["PARTS", steps.length],
    ...renderIndependent(work),
  ];
  return [
    renderHeader(describe(work, context.machine)),
    [...new Set(["main", "manifest", ...steps.flatMap((step) => step.libraries)])]
      .flatMap(withNeeds)
      .map(library)
      .join("\n"),
    ...steps.map(renderPart),
    `resource() {\n${settings.map(renderSetting).join("\n")}\n}`,
    'main "$@" </dev/null\n',
  ].join("\n");
}

function renderIndependent(work: Work): [string, Setting][] {
  const names = "independent" in work ? (work.independent ?? []) : [];
  return names.length === 0 ? [] : [["INDEPENDENT", names.join(" ")]];
}

function describe(work: Work, machine: string): StepHeader {
  const steps = stepsOf(work);
  return {
    ...{ step: work.name, machine },
    checks: steps.some(({ checks }) => checks !== false),
    confirms: steps.flatMap(({ confirms = [] }) => confirms),
  };
}
